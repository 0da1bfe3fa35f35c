/** What a client may change of its account and of this device. */

import { ErrorState, Loading, Page, Skeleton } from "../design";
import { useT } from "../i18n";
import { useMe } from "../shell/session";
import { AppearanceCard } from "./AppearanceCard";
import { PlanCard } from "./PlanCard";
import { ProfileForm } from "./ProfileForm";
import { RegionForm } from "./RegionForm";
import styles from "./settings.module.css";

export default function SettingsPage() {
  const t = useT();
  const { data: me, error, mutate } = useMe();
  return (
    <Page title={t("settings.title")} width="narrow">
      {me ? (
        <div className={styles["cards"]}>
          <ProfileForm me={me} />
          <RegionForm me={me} />
          <AppearanceCard />
          <PlanCard me={me} />
        </div>
      ) : error ? (
        <ErrorState problem={error} retry={() => void mutate()} />
      ) : (
        <Loading>
          <div className={styles["cards"]}>
            <Skeleton height={210} radius={10} />
            <Skeleton height={210} radius={10} />
          </div>
        </Loading>
      )}
    </Page>
  );
}

/** What is being made, what waits for a yes, what is left: in two seconds. */

import { Megaphone, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import useSWR from "swr";
import { keyOf } from "../api/client";
import type { CampaignRow, Campaigns } from "../api/types";
import { Gate } from "../billing/Gate";
import { Button, Card, EmptyState, ErrorState, Loading, Page, Skeleton } from "../design";
import { CAMPAIGNS } from "../content_planner/keys";
import { LaunchDialogSoon } from "../content_planner/LaunchDialogSoon";
import { useT } from "../i18n";
import { useFeature, useMe } from "../shell/session";
import styles from "./home.module.css";
import { LatestJobs } from "./LatestJobs";
import { Making } from "./Making";
import { UsageCard } from "./UsageCard";
import { Waiting } from "./Waiting";

const RECENT = keyOf(CAMPAIGNS, { limit: 50 });
const MAKING = new Set(["pending", "in_progress", "waiting_callback"]);
const WAITING = new Set(["review_ready", "changes_requested"]);

export function HomePage() {
  const t = useT();
  const { data: me } = useMe();
  const { allowed } = useFeature("ai_content_generation");
  const [launching, setLaunching] = useState(false);
  const launch = (): void => {
    setLaunching(true);
  };
  const { data: campaigns } = useSWR<Campaigns, unknown>(allowed ? RECENT : null);
  const first = me?.full_name.split(" ")[0] ?? "";
  return (
    <Page
      title={me ? t("home.hello", { name: first }) : <Skeleton width={180} height={22} />}
      name={t("nav.home")}
      actions={
        // The empty screen has this as its one thing to do.
        campaigns &&
        campaigns.items.length > 0 && (
          <Button variant="primary" icon={<Plus />} onClick={launch}>
            {t("home.launch")}
          </Button>
        )
      }
    >
      <div className={styles["grid"]}>
        <div className={styles["wide"]}>
          <PlannerPart onLaunch={launch} />
          <LatestJobs />
        </div>
        <UsageCard />
      </div>
      {launching && (
        <LaunchDialogSoon
          onClose={() => {
            setLaunching(false);
          }}
        />
      )}
    </Page>
  );
}

function PlannerPart({ onLaunch }: { onLaunch: () => void }) {
  const { known, allowed } = useFeature("ai_content_generation");
  if (known && !allowed) {
    return (
      <Card bare>
        <Gate feature="ai_content_generation">{null}</Gate>
      </Card>
    );
  }
  return <Campaigned onLaunch={onLaunch} />;
}

function Campaigned({ onLaunch }: { onLaunch: () => void }) {
  const t = useT();
  const { allowed } = useFeature("ai_content_generation");
  const { data, error, mutate } = useSWR<Campaigns, unknown>(allowed ? RECENT : null);
  if (error && !data) {
    return (
      <Card bare>
        <ErrorState problem={error} retry={() => void mutate()} />
      </Card>
    );
  }
  if (!data) return <Waits />;
  if (data.items.length === 0) {
    return (
      <Card bare>
        <EmptyState
          icon={<Megaphone />}
          title={t("home.first.title")}
          text={t("home.first.text")}
          action={
            <Button variant="primary" icon={<Plus />} onClick={onLaunch}>
              {t("home.launch")}
            </Button>
          }
        />
      </Card>
    );
  }
  const of = (wanted: ReadonlySet<string>): CampaignRow[] => data.items.filter(({ status }) => wanted.has(status));
  return (
    <>
      <Making campaigns={of(MAKING)} />
      <Waiting campaigns={of(WAITING)} />
    </>
  );
}

function Waits(): ReactNode {
  const t = useT();
  return (
    <Loading>
      <div className={styles["stack"]}>
        {[t("home.making"), t("home.waiting")].map((title) => (
          <Card key={title} title={title}>
            <div className={styles["stack"]}>
              <Skeleton width="45%" />
              <Skeleton height={6} />
            </div>
          </Card>
        ))}
      </div>
    </Loading>
  );
}

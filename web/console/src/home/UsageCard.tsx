import type { Quota } from "../api/types";
import { PlanBadge } from "../billing/PlanBadge";
import { Card, ErrorState, Loading, Progress, Skeleton } from "../design";
import { useFormat, useT } from "../i18n";
import { useFeature, useMe } from "../shell/session";
import styles from "./home.module.css";

/** What the month still holds. */
export function UsageCard() {
  const t = useT();
  const format = useFormat();
  const { data: me, error, mutate } = useMe();
  const planner = useFeature("ai_content_generation");
  if (!me) {
    return (
      <Card title={t("home.left")}>
        {error ? (
          <ErrorState problem={error} retry={() => void mutate()} />
        ) : (
          <Loading>
            <div className={styles["stack"]}>
              <Skeleton height={30} width="60%" />
              <Skeleton height={6} />
              <Skeleton height={30} width="40%" />
            </div>
          </Loading>
        )}
      </Card>
    );
  }
  const { chats, campaigns, month } = me.usage;
  return (
    <Card title={t("home.left")} actions={<PlanBadge plan={me.plan_tier} />}>
      <div className={styles["meters"]}>
        <Meter name={t("usage.chats")} quota={chats} />
        {planner.allowed && <Meter name={t("usage.campaigns")} quota={campaigns} />}
        <p className={styles["resets"]}>
          {format.month(month)}. {t("usage.resets", { when: format.relative(chats.resets_at) })}.
        </p>
      </div>
    </Card>
  );
}

function Meter({ name, quota }: { name: string; quota: Quota }) {
  const t = useT();
  const format = useFormat();
  const used = format.number(quota.used);
  if (quota.limit === null) {
    return (
      <div>
        <p className={styles["meterName"]}>{name}</p>
        <p className={styles["big"]}>
          {used} <span>{t("usage.no_limit")}</span>
        </p>
      </div>
    );
  }
  const share = quota.limit === 0 ? 100 : (quota.used / quota.limit) * 100;
  const tone = share >= 100 ? "red" : share >= 80 ? "amber" : "accent";
  return (
    <div>
      <p className={styles["meterName"]}>{name}</p>
      <p className={styles["big"]}>
        {format.number(Math.max(0, quota.limit - quota.used))} <span>{t("usage.remaining")}</span>
      </p>
      <Progress quiet tone={tone} value={share} label={`${name}: ${t("usage.of", { used, limit: format.number(quota.limit) })}`} />
      <p className={styles["meterFoot"]}>{t("usage.of", { used, limit: format.number(quota.limit) })}</p>
    </div>
  );
}

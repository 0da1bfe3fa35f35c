/** What a plan lacks, in the place where it would be: what it does, which plan opens it, and whom to ask. */

import { LockKeyhole } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, Loading, Skeleton } from "../design";
import type { Key } from "../i18n";
import { useT } from "../i18n";
import { useFeature, useMe } from "../shell/session";
import styles from "./gate.module.css";

export interface GateProps {
  feature: string;
  /** Small, for a card. */
  compact?: boolean;
  children: ReactNode;
}

export function Gate({ feature, compact = false, children }: GateProps) {
  const { allowed, requiredPlan, known } = useFeature(feature);
  if (!known) {
    return (
      <Loading>
        <div className={styles["wait"]}>
          <Skeleton width="40%" height={20} />
          <Skeleton height={120} radius={10} />
        </div>
      </Loading>
    );
  }
  return allowed ? children : <Closed feature={feature} plan={requiredPlan ?? "CEREBRO"} compact={compact} />;
}

export function Closed({ feature, plan, compact }: { feature: string; plan: string; compact: boolean }) {
  const t = useT();
  const { data: me } = useMe();
  const words = feature === "ai_content_generation" ? feature : "other";
  return (
    <section className={styles["gate"]} data-compact={compact || undefined}>
      <span className={styles["icon"]}>
        <LockKeyhole aria-hidden="true" />
      </span>
      <div className={styles["body"]}>
        <h2>{t(`gate.${words}.title` as Key)}</h2>
        <p>{t(`gate.${words}.text` as Key)}</p>
        <p className={styles["plans"]}>
          <Badge tone="accent">{t("gate.opens_with", { plan })}</Badge>
          {me && <span>{t("gate.yours", { plan: me.plan_tier })}</span>}
        </p>
        <p className={styles["how"]}>{t("gate.how")}</p>
      </div>
    </section>
  );
}

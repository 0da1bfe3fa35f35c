/** What a plan lacks, in the place where it would be: what it does, which plan opens it, and whom to ask. */

import { LockKeyhole } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, Card, Page } from "../design";
import type { Key } from "../i18n";
import { useT } from "../i18n";
import { PageSkeleton } from "../shell/PageSkeleton";
import { useFeature, useMe } from "../shell/session";
import styles from "./gate.module.css";

export interface GateProps {
  feature: string;
  /** The room's name, when it is a whole room that is closed. */
  room?: string;
  children: ReactNode;
}

export function Gate({ feature, room, children }: GateProps) {
  const { allowed, requiredPlan, known } = useFeature(feature);
  if (!known) return room ? <PageSkeleton /> : null;
  if (allowed) return children;
  const closed = <Closed feature={feature} plan={requiredPlan ?? "CEREBRO"} />;
  return room ? (
    <Page title={room} width="narrow">
      <Card bare>{closed}</Card>
    </Page>
  ) : (
    closed
  );
}

function Closed({ feature, plan }: { feature: string; plan: string }) {
  const t = useT();
  const { data: me } = useMe();
  const words = feature === "ai_content_generation" ? feature : "other";
  return (
    <section className={styles["gate"]}>
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

import { Check, LockKeyhole } from "lucide-react";
import type { Me } from "../api/types";
import { PlanBadge } from "../billing/PlanBadge";
import { Card } from "../design";
import type { Key } from "../i18n";
import { useT } from "../i18n";
import styles from "./settings.module.css";

const NAMED = new Set(["ai_content_generation", "access_mining", "access_marketing", "dedicated_csm"]);

/** What the plan holds, and what opens the rest. */
export function PlanCard({ me }: { me: Me }) {
  const t = useT();
  return (
    <Card title={t("settings.plan")} actions={<PlanBadge plan={me.plan_tier} />}>
      <ul className={styles["features"]}>
        {me.entitlements
          .filter(({ feature }) => NAMED.has(feature))
          .map(({ feature, allowed, required_plan }) => (
            <li key={feature} data-allowed={allowed}>
              {allowed ? <Check aria-hidden="true" /> : <LockKeyhole aria-hidden="true" />}
              <span>{t(`settings.feature.${feature}` as Key)}</span>
              <span>{allowed ? t("settings.included") : t("gate.opens_with", { plan: required_plan })}</span>
            </li>
          ))}
      </ul>
      <p className={styles["how"]}>{t("gate.how")}</p>
    </Card>
  );
}

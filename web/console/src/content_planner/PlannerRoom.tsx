/** The planner for those whose plan has it; for the others, what opens it, under the same title. */

import type { ReactNode } from "react";
import { Gate } from "../billing/Gate";
import { Page } from "../design";
import { useT } from "../i18n";
import { useFeature } from "../shell/session";

const FEATURE = "ai_content_generation";

export function PlannerRoom({ children }: { children: ReactNode }) {
  const t = useT();
  const { allowed } = useFeature(FEATURE);
  if (allowed) return children;
  return (
    <Page title={t("planner.title")}>
      <Gate feature={FEATURE}>{null}</Gate>
    </Page>
  );
}

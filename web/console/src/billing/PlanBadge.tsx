import type { Tone } from "../design";
import { Badge, Tooltip } from "../design";
import { useT } from "../i18n";

const TONES: Record<string, Tone> = { MOTOR: "grey", CEREBRO: "accent", PARTNER: "violet" };

/** The plan by its name. */
export function PlanBadge({ plan }: { plan: string }) {
  const t = useT();
  return (
    <Tooltip label={t("plan.label", { plan })}>
      <span>
        <Badge tone={TONES[plan] ?? "grey"}>{plan}</Badge>
      </span>
    </Tooltip>
  );
}

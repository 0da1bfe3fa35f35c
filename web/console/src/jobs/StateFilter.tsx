import { cx } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./jobs.module.css";
import type { Jobs, JobState } from "./shapes";

export const STATES: readonly JobState[] = [
  "running",
  "queued",
  "deferred",
  "waiting_callback",
  "retrying",
  "succeeded",
  "failed",
  "cancelled",
  "expired",
  "dead",
];
const BAD = new Set<JobState>(["failed", "dead", "expired"]);

export interface StateFilterProps {
  counts: Jobs["counts"] | undefined;
  value: JobState | null;
  onValue: (state: JobState | null) => void;
}

/** States with how many are in each; the empty ones stay away, unless chosen. */
export function StateFilter({ counts, value, onValue }: StateFilterProps) {
  const t = useT();
  const format = useFormat();
  const total = counts ? Object.values(counts).reduce((sum, n) => sum + n, 0) : null;
  const shown = STATES.filter((state) => state === value || state === "running" || (counts?.[state] ?? 0) > 0);
  const option = (state: JobState | null, name: string, count: number | null) => (
    <button
      key={state ?? "all"}
      type="button"
      className={cx(styles["state"], state && BAD.has(state) && styles["bad"])}
      aria-pressed={state === value}
      onClick={() => {
        onValue(state);
      }}
    >
      {name}
      {count !== null && <span>{format.number(count)}</span>}
    </button>
  );
  return (
    <div className={styles["states"]} role="group" aria-label={t("jobs.filter")}>
      {option(null, t("jobs.all"), total)}
      {shown.map((state) => option(state, t(`job.state.${state}`), counts ? (counts[state] ?? 0) : null))}
    </div>
  );
}

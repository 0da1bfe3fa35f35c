/** The small signs: badge, state, progress, skeleton. */

import type { CSSProperties, ReactNode } from "react";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import { cx } from "./cx";
import styles from "./small.module.css";

export type Tone = "grey" | "green" | "amber" | "red" | "blue" | "violet" | "accent";

export interface BadgeProps {
  tone?: Tone;
  dot?: boolean;
  pulse?: boolean;
  icon?: ReactNode;
  children: ReactNode;
}

export function Badge({ tone = "grey", dot = false, pulse = false, icon, children }: BadgeProps) {
  return (
    <span className={cx(styles["badge"], styles[tone])}>
      {dot && <span className={cx(styles["dot"], pulse && styles["pulse"])} />}
      {icon}
      {children}
    </span>
  );
}

const TONES: Record<"campaign" | "job", Record<string, Tone>> = {
  campaign: {
    in_progress: "blue",
    waiting_callback: "violet",
    review_ready: "amber",
    changes_requested: "violet",
    approved: "green",
    completed: "green",
    failed: "red",
  },
  job: {
    running: "blue",
    waiting_callback: "violet",
    retrying: "amber",
    succeeded: "green",
    failed: "red",
    expired: "red",
    dead: "red",
  },
};
const MOVING = new Set(["in_progress", "running"]);

/** A state by its name in the client's words; the colour only repeats it. */
export function StateBadge({ kind, state }: { kind: "campaign" | "job"; state: string }) {
  const t = useT();
  const key = (kind === "job" ? `job.state.${state}` : `planner.status.${state}`) as Key;
  return (
    <Badge tone={TONES[kind][state] ?? "grey"} dot pulse={MOVING.has(state)}>
      {t(key)}
    </Badge>
  );
}

export interface ProgressProps {
  /** 0 to 100. */
  value: number;
  /** What is being done, by name. */
  label: string;
  /** Beside the figure, such as the time left. */
  aside?: ReactNode;
  quiet?: boolean;
  tone?: "accent" | "amber" | "red";
}

export function Progress({ value, label, aside, quiet = false, tone = "accent" }: ProgressProps) {
  const format = useFormat();
  const shown = Math.max(0, Math.min(100, Math.round(value)));
  const figure = format.percent(shown / 100);
  return (
    <div className={styles["progress"]}>
      {!quiet && (
        <div className={styles["progressText"]}>
          <span>{label}</span>
          <span className={styles["figure"]}>{aside ?? figure}</span>
        </div>
      )}
      <div
        className={styles["track"]}
        role="progressbar"
        aria-label={label}
        aria-valuenow={shown}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={figure}
      >
        <div className={cx(styles["fill"], tone !== "accent" && styles[`${tone}Fill`])} style={{ width: `${String(shown)}%` }} />
      </div>
    </div>
  );
}

/** In the shape of what comes. */
export function Skeleton({ width = "100%", height = 14, radius }: { width?: number | string; height?: number | string; radius?: number }) {
  const style: CSSProperties = { width, height };
  if (radius !== undefined) style.borderRadius = radius;
  return <span className={styles["skeleton"]} style={style} aria-hidden="true" />;
}

/** Wraps skeletons and says once that something is loading. */
export function Loading({ children }: { children: ReactNode }) {
  const t = useT();
  return (
    <div role="status" aria-busy="true">
      <span className="visually-hidden">{t("design.loading")}</span>
      {children}
    </div>
  );
}

/** One attempt: when, how long, how it ended, and the steps it ran. */

import { Check, CircleHelp, CornerDownRight, Hourglass, Pause, RotateCw, X } from "lucide-react";
import type { ReactNode } from "react";
import { Elapsed, Spinner, Time } from "../design";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import { EffectItem } from "./EffectItem";
import { doingNow, stepName } from "./names";
import { Reason } from "./Reason";
import type { JobDetail } from "./shapes";
import type { Part, PartState, Run, Tone } from "./timeline";
import { partState, runTone } from "./timeline";
import styles from "./timeline.module.css";

const SIGNS: Record<Tone, ReactNode> = { done: <Check />, now: <Spinner />, open: <Pause />, bad: <X />, warn: <RotateCw /> };

export function AttemptItem({ run, job }: { run: Run; job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  const { ended, startedAt } = run;
  const tone = runTone(run);
  const wait = ended?.wait_ms ?? null;
  return (
    <li className={styles["moment"]} data-tone={tone} data-attempt={run.attempt}>
      <span className={styles["sign"]} aria-hidden="true">
        {SIGNS[tone]}
      </span>
      <div className={styles["line"]}>
        <span className={styles["what"]}>{t("job.attempt_n", { n: run.attempt })}</span>
        <span className={styles["outcome"]}>{ended ? t(`job.outcome.${ended.outcome}` as Key) : t("job.outcome.running")}</span>
        <span className={styles["took"]}>
          {ended ? ended.run_ms !== null && format.duration(ended.run_ms) : startedAt && <Elapsed from={startedAt} />}
        </span>
        {startedAt && (
          <span className={styles["at"]}>
            <Time when={startedAt} as="clock" />
          </span>
        )}
      </div>
      {wait !== null && <p className={styles["wait"]}>{t("job.attempt.waited", { time: format.duration(wait) })}</p>}
      {ended?.code && ended.outcome !== "cancelled" && (
        <div className={styles["why"]}>
          <Reason failure={ended} />
        </div>
      )}
      {run.parts.length > 0 && (
        <ul className={styles["parts"]}>
          {run.parts.map((part) => (
            <PartItem key={part.name} part={part} run={run} />
          ))}
        </ul>
      )}
      {run.parts.length === 0 && !ended && (
        <p className={styles["wait"]}>{doingNow(t, job) || t("job.steps.none")}</p>
      )}
    </li>
  );
}

const PART_SIGNS: Record<PartState, ReactNode> = {
  done: <Check />,
  now: <Spinner />,
  waits: <Hourglass />,
  stopped: <CornerDownRight />,
  doubt: <CircleHelp />,
};

function PartItem({ part, run }: { part: Part; run: Run }) {
  const t = useT();
  const { step, effects, name } = part;
  const state = partState(part, run);
  return (
    <li className={styles["part"]} data-state={state}>
      <span className={styles["partSign"]} title={t(`job.part.${state}`)}>
        <span aria-hidden="true">{PART_SIGNS[state]}</span>
        <span className="visually-hidden">{t(`job.part.${state}`)}</span>
      </span>
      <div className={styles["line"]}>
        <span className={styles["partName"]}>{stepName(t, name)}</span>
        {step && (step.finished_at === null ? state === "now" : step.finished_at !== step.started_at) && (
          <span className={styles["took"]}>
            <Elapsed from={step.started_at} until={step.finished_at} />
          </span>
        )}
        {step && (
          <span className={styles["at"]}>
            <Time when={step.started_at} as="clock" />
          </span>
        )}
      </div>
      {effects.map((effect) => (
        <EffectItem key={effect.key} effect={effect} />
      ))}
    </li>
  );
}

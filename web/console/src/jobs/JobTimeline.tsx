import { Check, Circle, CircleDot, Flag, X } from "lucide-react";
import type { ReactNode } from "react";
import type { JobDetail, JobStep } from "../api/types";
import { Elapsed, Spinner, Time } from "../design";
import { useT } from "../i18n";
import styles from "./job.module.css";
import { stepName } from "./names";
import { isFinal } from "./steps";

/** What happened, in order: created, each step with its time, the end. */
export function JobTimeline({ job }: { job: JobDetail }) {
  const t = useT();
  const ended = isFinal(job.state);
  return (
    <ol className={styles["timeline"]}>
      <Moment icon={<CircleDot />} tone="done" name={t("job.created")} at={job.created_at} />
      {job.steps.map((step) => (
        <Step key={step.name} step={step} running={job.state === "running"} job={job} />
      ))}
      {job.steps.length === 0 && !ended && <Moment icon={<Circle />} tone="open" name={t("job.steps.none")} at={null} />}
      {ended && (
        <Moment
          icon={job.state === "succeeded" ? <Flag /> : <X />}
          tone={job.state === "succeeded" ? "done" : job.state === "cancelled" ? "open" : "bad"}
          name={t("job.ended", { state: t(`job.state.${job.state}`) })}
          at={job.finished_at}
        />
      )}
    </ol>
  );
}

function Step({ step, job, running }: { step: JobStep; job: JobDetail; running: boolean }) {
  const t = useT();
  const open = step.state === "started";
  const icon = !open ? <Check /> : running ? <Spinner /> : <X />;
  return (
    <Moment icon={icon} tone={!open ? "done" : running ? "now" : "bad"} name={stepName(t, step.name)} at={step.started_at}>
      {(job.attempts > 1 || step.attempt > 1) && <span className={styles["attempt"]}>{t("job.attempt_n", { n: step.attempt })}</span>}
      {(!open || running) && (
        <span className={styles["took"]}>
          <Elapsed from={step.started_at} until={step.finished_at} />
        </span>
      )}
    </Moment>
  );
}

interface MomentProps {
  icon: ReactNode;
  tone: "done" | "now" | "open" | "bad";
  name: string;
  at: string | null;
  children?: ReactNode;
}

function Moment({ icon, tone, name, at, children }: MomentProps) {
  return (
    <li className={styles["moment"]} data-tone={tone}>
      <span className={styles["sign"]} aria-hidden="true">
        {icon}
      </span>
      <span className={styles["what"]}>{name}</span>
      {children}
      <span className={styles["at"]}>{at && <Time when={at} as="clock" />}</span>
    </li>
  );
}

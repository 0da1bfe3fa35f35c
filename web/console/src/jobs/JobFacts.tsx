import type { ReactNode } from "react";
import type { JobDetail } from "../api/types";
import { Elapsed, Time } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./job.module.css";
import { isFinal } from "./steps";

export function JobFacts({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  const took = job.started_at && (job.finished_at ?? !isFinal(job.state)) ? job.started_at : null;
  return (
    <dl className={styles["facts"]}>
      <Fact name={t("job.fact.attempts")}>{t("jobs.attempts", { n: job.attempts, max: job.max_attempts })}</Fact>
      {took && (
        <Fact name={t("job.fact.took")}>
          <Elapsed from={took} until={job.finished_at} />
        </Fact>
      )}
      {job.cost_usd !== null && <Fact name={t("job.fact.cost")}>{format.usd(job.cost_usd)}</Fact>}
      {job.started_at && (
        <Fact name={t("job.fact.started")}>
          <Time when={job.started_at} />
        </Fact>
      )}
      {job.finished_at && (
        <Fact name={t("job.fact.finished")}>
          <Time when={job.finished_at} />
        </Fact>
      )}
      {job.next_attempt_at && (
        <Fact name={t("job.fact.next")}>
          <Time when={job.next_attempt_at} />
        </Fact>
      )}
      {!isFinal(job.state) && (
        <Fact name={t("job.fact.deadline")}>
          <Time when={job.deadline_at} />
        </Fact>
      )}
      <Fact name={t("job.fact.id")}>
        <code>{job.id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is known of a job: the figures that matter on call in a row, the rest in a list. */

import type { ReactNode } from "react";
import { Link } from "react-router";
import { Age, Elapsed, Time } from "../design";
import { useFormat, useT } from "../i18n";
import { CopyButton } from "./CopyButton";
import { isFinal } from "./details";
import styles from "./job.module.css";
import { jobPath, queueName, subjectPath } from "./names";
import type { JobDetail } from "./shapes";
import { runsOf, timesOf } from "./timeline";

export function JobFigures({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  const { waited, ran } = timesOf(job.history);
  const since = job.state === "running" ? (runsOf(job).at(-1)?.startedAt ?? null) : null;
  const cost = job.cost.with_children_usd ?? job.cost.usd ?? job.cost_usd;
  return (
    <dl className={styles["figures"]}>
      <Fact name={t("job.fact.age")}>
        <Age of={job.created_at} />
      </Fact>
      <Fact name={t("job.fact.waited")}>{job.history.length > 0 ? format.duration(waited) : <Nothing />}</Fact>
      <Fact name={t("job.fact.ran")}>
        {since ? <Elapsed from={Date.parse(since) - ran} /> : job.history.length > 0 ? format.duration(ran) : <Nothing />}
      </Fact>
      <Fact name={t("job.fact.attempts")}>{t("jobs.attempts", { n: job.attempts, max: job.max_attempts })}</Fact>
      <Fact name={t("job.fact.cost")}>{cost === null ? <Nothing /> : format.usd(cost)}</Fact>
      {isFinal(job.state) ? (
        job.finished_at && (
          <Fact name={t("job.fact.finished")}>
            <Time when={job.finished_at} />
          </Fact>
        )
      ) : (
        <Fact name={t("job.fact.deadline")}>
          <Time when={job.deadline_at} />
        </Fact>
      )}
    </dl>
  );
}

function Nothing() {
  return <span className={styles["quiet"]}>–</span>;
}

export function JobFacts({ job }: { job: JobDetail }) {
  const t = useT();
  const subject = subjectPath(job);
  return (
    <dl className={styles["facts"]}>
      <Fact name={t("job.fact.queue")}>{queueName(t, job.queue)}</Fact>
      <Fact name={t("job.fact.type")}>
        <code>{job.type}</code>
      </Fact>
      {subject && (
        <Fact name={t("job.fact.subject")}>
          <Link to={subject}>{t("job.subject.campaign")}</Link>
        </Fact>
      )}
      {job.owner && <Fact name={t("job.fact.owner")}>{job.owner.email}</Fact>}
      {job.parent_id && (
        <Fact name={t("job.fact.parent")}>
          <Link to={jobPath(job.parent_id)}>{job.parent_id.slice(-8)}</Link>
        </Fact>
      )}
      {job.replay_of && (
        <Fact name={t("job.fact.replay_of")}>
          <Link to={jobPath(job.replay_of)}>{job.replay_of.slice(-8)}</Link>
        </Fact>
      )}
      {job.started_at && (
        <Fact name={t("job.fact.started")}>
          <Time when={job.started_at} />
        </Fact>
      )}
      {job.next_attempt_at && (
        <Fact name={t("job.fact.next")}>
          <Time when={job.next_attempt_at} />
        </Fact>
      )}
      {isFinal(job.state) && (
        <Fact name={t("job.fact.deadline")}>
          <Time when={job.deadline_at} />
        </Fact>
      )}
      <Fact name={t("job.fact.id")}>
        <Copied text={job.id} label={t("job.copy.id")} />
      </Fact>
      {job.correlation_id && (
        <Fact name={t("job.fact.correlation")}>
          <Copied text={job.correlation_id} label={t("job.copy.correlation")} />
        </Fact>
      )}
    </dl>
  );
}

function Copied({ text, label }: { text: string; label: string }) {
  return (
    <span className={styles["copied"]}>
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </span>
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

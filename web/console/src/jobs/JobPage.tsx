/** One job: what it does now, the timeline of its attempts, its parts, what it was given and gave, what it cost. */

import { useEffect, useRef } from "react";
import { useParams } from "react-router";
import useSWR from "swr";
import { Card, ErrorState, Loading, Page, Progress, Skeleton, StateBadge } from "../design";
import { useFormat, useT } from "../i18n";
import { useMe } from "../shell/session";
import { AsOf } from "./AsOf";
import { Children } from "./Children";
import { CostCard } from "./CostCard";
import { isFinal } from "./details";
import { Doubts } from "./Doubts";
import { HeldNote } from "./HeldNote";
import styles from "./job.module.css";
import { JobActs } from "./JobActs";
import { JobFacts, JobFigures } from "./JobFacts";
import { JobTimeline } from "./JobTimeline";
import { JsonBlock } from "./JsonBlock";
import { JOBS } from "./lists";
import { doingNow, jobName } from "./names";
import { Reason } from "./Reason";
import { ResultBlock } from "./ResultBlock";
import type { JobDetail } from "./shapes";
import { inDoubt } from "./timeline";

export default function JobPage() {
  const t = useT();
  const { jobId = "" } = useParams();
  const { data: job, error, mutate: again } = useSWR<JobDetail, unknown>(`${JOBS}/${encodeURIComponent(jobId)}`);
  useReadAtTheEnd(job, again);
  const back = { to: JOBS, label: t("jobs.title") };
  if (job) return <Shown job={job} again={again} />;
  return (
    <Page title={error ? "" : <Skeleton width={220} height={24} />} name={t("jobs.title")} back={back}>
      {error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <Loading>
          <Skeleton height={62} radius={10} />
          <div className={styles["columns"]}>
            <Skeleton height={320} radius={10} />
            <Skeleton height={320} radius={10} />
          </div>
        </Loading>
      )}
    </Page>
  );
}

/** The price and the result of a job that ended while it was watched are not in its events: it is read once more. */
function useReadAtTheEnd(job: JobDetail | undefined, again: () => Promise<unknown>): void {
  const before = useRef<{ id: string; ended: boolean } | null>(null);
  const id = job?.id;
  const ended = job ? isFinal(job.state) : false;
  useEffect(() => {
    if (id === undefined) return;
    if (before.current?.id === id && ended && !before.current.ended) void again();
    before.current = { id, ended };
  }, [id, ended, again]);
}

function Shown({ job, again }: { job: JobDetail; again: () => Promise<unknown> }) {
  const t = useT();
  const me = useMe().data;
  const name = jobName(t, job.type);
  // An admin looks at somebody else's job: its events go to its owner, not here.
  const foreign = me?.role === "admin" && job.owner?.id !== me.id;
  const doubts = inDoubt(job);
  return (
    <Page
      title={
        <span className={styles["title"]}>
          {name} <StateBadge kind="job" state={job.state} />
        </span>
      }
      name={name}
      back={job.parent_id ? { to: `${JOBS}/${job.parent_id}`, label: t("job.parent") } : { to: JOBS, label: t("jobs.title") }}
      actions={<JobActs job={job} />}
    >
      <Now job={job} />
      <HeldNote job={job} />
      {foreign && <AsOf again={again} text={job.owner ? t("job.foreign", { who: job.owner.email }) : t("job.foreign.suite")} />}
      {doubts.length > 0 && <Doubts effects={doubts.map((effect) => ({ ...effect, job_id: job.id }))} onSaid={() => void again()} />}
      {job.error && job.state !== "cancelled" && doubts.length === 0 && (
        <Card className={styles["error"]} title={t(isFinal(job.state) ? "job.error" : "job.error.last")}>
          <Reason failure={job.error} />
        </Card>
      )}
      <JobFigures job={job} />
      <div className={styles["columns"]}>
        <div className={styles["column"]}>
          <Card title={t("job.timeline")}>
            <JobTimeline job={job} />
          </Card>
          {job.children_total > 0 && <Children job={job} />}
        </div>
        <div className={styles["column"]}>
          <Card title={t("job.facts")}>
            <JobFacts job={job} />
          </Card>
          <CostCard job={job} />
          <Card title={t("job.payload")} bare>
            <JsonBlock value={job.payload} label={t("job.payload")} />
          </Card>
          <ResultBlock job={job} />
        </div>
      </div>
    </Page>
  );
}

/** The state in a sentence, and how far it is. */
function Now({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  const next = job.next_attempt_at ?? job.deadline_at;
  const when = job.state === "deferred" ? format.dateTime(next) : format.relative(next);
  const moving = job.state === "running" || (job.state === "waiting_callback" && job.children_total > 0);
  const parts = job.state === "waiting_callback" && job.children_total > 0;
  const turn = job.state === "queued" && job.waits_for_turn;
  return (
    <>
      <p className={styles["now"]} aria-live="polite">
        {parts
          ? t("job.state_text.parts", { open: job.children_open, total: job.children_total })
          : turn
            ? t("job.state_text.turn")
            : t(`job.state_text.${job.state}`, { when, deadline: format.dateTime(job.deadline_at) })}{" "}
        {job.cancel_requested && !isFinal(job.state) && t("job.cancelling")}
      </p>
      {moving && (
        <div className={styles["progress"]}>
          <Progress value={job.progress} label={doingNow(t, job) || t(`job.state.${job.state}`)} />
        </div>
      )}
    </>
  );
}

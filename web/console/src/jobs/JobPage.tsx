/** One job: what it does now, the timeline of its steps, its facts; cancel and retry. */

import { Ban, RotateCw } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import useSWR from "swr";
import { api } from "../api/client";
import type { ChangedJob, JobDetail } from "../api/types";
import { Button, Card, ConfirmDialog, ErrorState, Loading, Page, Progress, Skeleton, StateBadge, Tooltip, toast, useExplain } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./job.module.css";
import { JobFacts } from "./JobFacts";
import { JobTimeline } from "./JobTimeline";
import { JOBS } from "./lists";
import { showJob } from "./live";
import { jobName, stepNow, subjectPath } from "./names";
import { isFinal } from "./steps";

export default function JobPage() {
  const t = useT();
  const { jobId = "" } = useParams();
  const { data: job, error, mutate: again } = useSWR<JobDetail, unknown>(`${JOBS}/${encodeURIComponent(jobId)}`);
  const back = { to: JOBS, label: t("jobs.title") };
  if (job) return <Shown job={job} />;
  return (
    <Page title={error ? "" : <Skeleton width={220} height={24} />} name={t("jobs.title")} back={back}>
      {error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <Loading>
          <div className={styles["columns"]}>
            <Skeleton height={320} radius={10} />
            <Skeleton height={320} radius={10} />
          </div>
        </Loading>
      )}
    </Page>
  );
}

function Shown({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  const name = jobName(t, job.type);
  const path = subjectPath(job);
  const next = job.next_attempt_at ?? job.deadline_at;
  const when = job.state === "deferred" ? format.dateTime(next) : format.relative(next);
  return (
    <Page
      title={
        <span className={styles["title"]}>
          {name} <StateBadge kind="job" state={job.state} />
        </span>
      }
      name={name}
      back={{ to: JOBS, label: t("jobs.title") }}
      actions={<Acts job={job} />}
    >
      <p className={styles["now"]} aria-live="polite">
        {t(`job.state_text.${job.state}`, { when, deadline: format.dateTime(job.deadline_at) })}{" "}
        {job.cancel_requested && !isFinal(job.state) && t("job.cancelling")}
      </p>
      {job.state === "running" && (
        <div className={styles["progress"]}>
          <Progress value={job.progress} label={stepNow(t, job) || t("job.state.running")} />
        </div>
      )}
      {job.error && job.state !== "cancelled" && (
        <Card className={styles["error"]} title={t("job.error")}>
          <p>{job.error.detail}</p>
          <code>{job.error.code}</code>
        </Card>
      )}
      <div className={styles["columns"]}>
        <Card title={t("job.timeline")}>
          <JobTimeline job={job} />
        </Card>
        <Card title={t("job.facts")}>
          <JobFacts job={job} />
          {path && (
            <p className={styles["subject"]}>
              <Link to={path}>{t("job.subject.campaign")}</Link>
            </p>
          )}
        </Card>
      </div>
    </Page>
  );
}

function Acts({ job }: { job: JobDetail }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const act = async (verb: "cancel" | "retry"): Promise<void> => {
    setBusy(true);
    try {
      const { job: changed } = await api.post<ChangedJob>(`${JOBS}/${job.id}/${verb}`);
      showJob(changed, new Date().toISOString());
      setAsking(false);
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  if (job.state === "succeeded") return null;
  if (isFinal(job.state)) {
    return (
      <Tooltip label={t("job.retry.hint")}>
        <Button variant="primary" busy={busy} icon={<RotateCw />} onClick={() => void act("retry")}>
          {t("job.retry")}
        </Button>
      </Tooltip>
    );
  }
  if (job.cancel_requested) return null;
  return (
    <>
      <Button
        variant="danger"
        icon={<Ban />}
        onClick={() => {
          setAsking(true);
        }}
      >
        {t("job.cancel")}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() => void act("cancel")}
        busy={busy}
        title={t("job.cancel.title")}
        text={t("job.cancel.text")}
        confirmLabel={t("job.cancel.confirm")}
      />
    </>
  );
}

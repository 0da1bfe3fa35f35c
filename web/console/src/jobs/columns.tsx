import type { Job } from "../api/types";
import type { Column } from "../design";
import { Progress, RelativeTime, StateBadge } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./jobs.module.css";
import { jobName, stepNow } from "./names";

export function useColumns(): Column<Job>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "job",
      header: t("jobs.col.job"),
      cell: (job) => (
        <>
          <span className={styles["name"]}>{jobName(t, job.type)}</span>
          <span className={styles["sub"]}>
            <code>{job.id.slice(-8)}</code>
          </span>
        </>
      ),
    },
    { id: "state", header: t("jobs.col.state"), cell: (job) => <StateBadge kind="job" state={job.state} /> },
    { id: "step", header: t("jobs.col.step"), drop: "mid", cell: (job) => <Doing job={job} /> },
    { id: "age", header: t("jobs.col.age"), cell: (job) => <RelativeTime when={job.created_at} /> },
    {
      id: "attempts",
      header: t("jobs.col.attempts"),
      align: "end",
      drop: "late",
      cell: (job) => t("jobs.attempts", { n: job.attempts, max: job.max_attempts }),
    },
    {
      id: "cost",
      header: t("jobs.col.cost"),
      align: "end",
      drop: "late",
      cell: (job) => (job.cost_usd === null ? <span className={styles["quiet"]}>–</span> : format.usd(job.cost_usd)),
    },
  ];
}

function Doing({ job }: { job: Job }) {
  const t = useT();
  const format = useFormat();
  if (job.error && job.state !== "cancelled") {
    return (
      <span className={styles["step"]} title={job.error.detail}>
        {job.error.detail}
      </span>
    );
  }
  if (job.state === "running") {
    return (
      <div className={styles["stepBar"]}>
        <Progress value={job.progress} label={stepNow(t, job) || t("job.state.running")} />
      </div>
    );
  }
  if (job.state === "succeeded" && job.started_at && job.finished_at) {
    const took = format.duration(Date.parse(job.finished_at) - Date.parse(job.started_at));
    return <span className={styles["step"]}>{t("jobs.took", { took })}</span>;
  }
  return <span className={styles["step"]}>{stepNow(t, job)}</span>;
}

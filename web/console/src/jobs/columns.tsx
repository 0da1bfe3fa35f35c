/** The columns of a table of jobs. */

import type { Column } from "../design";
import { Age, Progress, StateBadge } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./jobs.module.css";
import { doingNow, jobName } from "./names";
import type { Job } from "./shapes";
import { reasonLine } from "./words";

export function useColumns(everybody: boolean): Column<Job>[] {
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
            {everybody && <span className={styles["owner"]}>{job.owner?.email ?? t(job.owner === null ? "jobs.owner.suite" : "jobs.owner.you")}</span>}
          </span>
        </>
      ),
    },
    { id: "state", header: t("jobs.col.state"), cell: (job) => <StateBadge kind="job" state={job.state} /> },
    { id: "step", header: t("jobs.col.step"), drop: "mid", cell: (job) => <Doing job={job} /> },
    { id: "age", header: t("jobs.col.age"), align: "end", cell: (job) => <Age of={job.created_at} /> },
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

const MOVING = new Set(["running", "waiting_callback"]);

function Doing({ job }: { job: Job }) {
  const t = useT();
  const format = useFormat();
  if (job.error && job.state !== "cancelled" && job.state !== "running") {
    const line = reasonLine(t, job.error);
    return (
      <span className={styles["step"]} title={line}>
        {line}
      </span>
    );
  }
  if (MOVING.has(job.state) && (job.state === "running" || job.children_open > 0)) {
    return (
      <div className={styles["stepBar"]}>
        <Progress value={job.progress} label={doingNow(t, job) || t(`job.state.${job.state}`)} />
      </div>
    );
  }
  if (job.state === "succeeded" && job.started_at && job.finished_at) {
    const took = format.duration(Date.parse(job.finished_at) - Date.parse(job.started_at));
    return <span className={styles["step"]}>{t("jobs.took", { took })}</span>;
  }
  return <span className={styles["step"]}>{doingNow(t, job)}</span>;
}

/** The parts of a job, each a job of its own. */

import { Link } from "react-router";
import { Card, Progress, StateBadge, cx, useChanged } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./children.module.css";
import { isFinal } from "./details";
import { doingNow, jobName, jobPath } from "./names";
import type { Child, JobDetail } from "./shapes";
import { reasonLine } from "./words";

export function Children({ job }: { job: JobDetail }) {
  const t = useT();
  const changed = useChanged(
    job.children,
    ({ id }) => id,
    ({ state }) => state,
  );
  const done = job.children_total - job.children.filter(({ state }) => !isFinal(state)).length;
  return (
    <Card
      title={t("job.parts")}
      actions={<span className={styles["count"]}>{t("job.parts.done", { done, total: job.children_total })}</span>}
      bare
    >
      <ol className={styles["children"]}>
        {job.children.map((child) => (
          <ChildItem key={child.id} child={child} changed={changed.has(child.id)} />
        ))}
      </ol>
      {job.children_total > job.children.length && (
        <p className={styles["rest"]}>{t("job.parts.rest", { n: job.children_total - job.children.length })}</p>
      )}
    </Card>
  );
}

function ChildItem({ child, changed }: { child: Child; changed: boolean }) {
  const t = useT();
  const format = useFormat();
  const failed = child.error !== null && child.state !== "cancelled" && child.state !== "running";
  const took = child.started_at && child.finished_at ? Date.parse(child.finished_at) - Date.parse(child.started_at) : null;
  const doing = failed ? reasonLine(t, child.error) : isFinal(child.state) ? "" : doingNow(t, child);
  const figures = [
    child.attempts > 1 ? t("job.attempt_n", { n: child.attempts }) : "",
    took === null ? "" : format.duration(took),
    isFinal(child.state) && child.cost_usd !== null ? format.usd(child.cost_usd) : "",
  ].filter(Boolean);
  return (
    <li className={styles["child"]} data-changed={changed || undefined}>
      <div className={styles["words"]}>
        <Link className={styles["open"]} to={jobPath(child.id)}>
          {jobName(t, child.type)}
        </Link>
        {doing && <span className={cx(styles["doing"], failed && styles["bad"])}>{doing}</span>}
      </div>
      {child.state === "running" ? (
        <div className={styles["bar"]}>
          <Progress quiet value={child.progress} label={doing || t("job.state.running")} />
        </div>
      ) : (
        <span className={styles["figures"]}>{figures.join(" · ")}</span>
      )}
      <StateBadge kind="job" state={child.state} />
    </li>
  );
}

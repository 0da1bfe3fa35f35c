import { useEffect } from "react";
import { Link, useLocation } from "react-router";
import { toast } from "../design";
import { useT } from "../i18n";
import { onArrival } from "../realtime/events";
import { JOBS } from "./lists";
import { jobName, jobPath, subjectPath } from "./names";
import type { Job } from "./shapes";
import { reasonLine } from "./words";

// The planner tells of its campaigns itself, in its own words.
const TOLD_ELSEWHERE = new Set(["content_planner.create_campaign", "content_planner.close_campaign"]);
const BAD = new Set(["failed", "dead", "expired"]);

/** Says what ended while one looks elsewhere; where the job itself is on screen, it shows there. */
export function JobNews() {
  const t = useT();
  const { pathname } = useLocation();
  useEffect(
    () =>
      onArrival("job.updated", ({ data }) => {
        const job = data as Job;
        // A part is told of by the job it belongs to.
        if (TOLD_ELSEWHERE.has(job.type) || job.parent_id) return;
        const bad = BAD.has(job.state);
        if (!bad && job.state !== "succeeded") return;
        const seen = pathname === "/" || pathname === JOBS || pathname.includes(job.id);
        if (seen || (job.subject && pathname.includes(job.subject.id))) return;
        const path = bad ? jobPath(job.id) : (subjectPath(job) ?? jobPath(job.id));
        toast({
          id: `job-${job.id}`,
          tone: bad ? "red" : "green",
          title: t(bad ? "job.toast.failed" : "job.toast.done", { name: jobName(t, job.type) }),
          text: bad ? reasonLine(t, job.error) : undefined,
          action: <Link to={path}>{t("job.toast.open")}</Link>,
        });
      }),
    [t, pathname],
  );
  return null;
}

/** job.updated, applied to every list and detail that is cached. */

import type { Job, JobDetail, Jobs, JobState } from "../api/types";
import { cached, mutateCached } from "../realtime/cache";
import { onEvent } from "../realtime/events";
import { JOBS, applyToList, filterOf, isList } from "./lists";
import { applyJob } from "./steps";

function lastKnown(id: string, list: Jobs): JobState | null {
  const here = list.items.find((job) => job.id === id);
  if (here) return here.state;
  const detail = cached<JobDetail>((key) => key === `${JOBS}/${id}`)[0];
  if (detail) return detail.state;
  for (const other of cached<Jobs>(isList)) {
    const found = other.items.find((job) => job.id === id);
    if (found) return found.state;
  }
  return null;
}

export function showJob(job: Job, at: string): void {
  // Before anything changes: each list counts from what it knew.
  const before = new Map(cached<Jobs>(isList).map((list) => [list, lastKnown(job.id, list)]));
  mutateCached<Jobs>(isList, (list, key) => applyToList(list, filterOf(key), job, before.get(list) ?? null));
  mutateCached<JobDetail>(`${JOBS}/${job.id}`, (detail) => applyJob(detail, job, at));
}

onEvent("job.updated", ({ data, at }) => {
  showJob(data as Job, at);
});

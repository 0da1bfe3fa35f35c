/** job.updated, applied to every list and detail that is cached. */

import { cached, mutateCached } from "../realtime/cache";
import { onEvent } from "../realtime/events";
import { applyJob } from "./details";
import { JOBS, applyToList, filterOf, isList } from "./lists";
import type { ChangedBy, Job, JobDetail, Jobs, JobState } from "./shapes";

const MOST_SEEN = 500;
/** The state of each job that an event told of, for lists that do not show it but count it. */
const seen = new Map<string, JobState>();

function remember({ id, state }: Job): void {
  seen.delete(id);
  seen.set(id, state);
  const oldest = seen.keys().next();
  if (seen.size > MOST_SEEN && !oldest.done) seen.delete(oldest.value);
}

function lastKnown(id: string, list: Jobs): JobState | null {
  const here = list.items.find((job) => job.id === id);
  if (here) return here.state;
  const detail = cached<JobDetail>((key) => key === `${JOBS}/${id}`)[0];
  if (detail) return detail.state;
  for (const other of cached<Jobs>(isList)) {
    const found = other.items.find((job) => job.id === id);
    if (found) return found.state;
  }
  return seen.get(id) ?? null;
}

export function showJob(event: ChangedBy, at: string): void {
  const job = wholeOf(event);
  // Before anything changes: each list counts from what it knew.
  const before = new Map(cached<Jobs>(isList).map((list) => [list, lastKnown(job.id, list)]));
  mutateCached<Jobs>(isList, (list, key) => applyToList(list, filterOf(key), job, before.get(list) ?? null));
  remember(job);
  for (const id of [job.id, job.parent_id]) {
    if (id) mutateCached<JobDetail>(`${JOBS}/${id}`, (detail) => applyJob(detail, event, at));
  }
}

/** Without the one part that changed, which is the detail's alone. */
function wholeOf(event: ChangedBy): Job {
  const job = { ...event };
  delete job.step;
  delete job.effect;
  delete job.attempt;
  return job;
}

/** The answer to what was done here, shown before its event comes. */
export function showChanged(job: Job): void {
  showJob(job, new Date().toISOString());
}

onEvent("job.updated", ({ data, at }) => {
  showJob(data as ChangedBy, at);
});

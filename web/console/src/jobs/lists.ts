/** How one job changes a list of jobs and its counts. Pure: the same object when nothing changes. */

import type { Job, Jobs, JobState } from "../api/types";
import { isOlder } from "./steps";

export const JOBS = "/jobs";

export interface ListFilter {
  state: string | null;
  subject: string | null;
}

export function isList(key: string): boolean {
  return key === JOBS || key.startsWith(`${JOBS}?`);
}

export function filterOf(key: string): ListFilter {
  const query = new URLSearchParams(key.split("?")[1] ?? "");
  return { state: query.get("state"), subject: query.get("subject_id") };
}

/** `before` is the job's state as last known to this page, null for a job that it never saw. */
export function applyToList(list: Jobs, filter: ListFilter, job: Job, before: JobState | null): Jobs {
  const at = list.items.findIndex(({ id }) => id === job.id);
  const shown = list.items[at];
  if (shown && isOlder(job, shown)) return list;
  const fits = (!filter.state || filter.state === job.state) && (!filter.subject || filter.subject === job.subject?.id);
  let items = list.items;
  if (shown) items = fits ? items.with(at, job) : items.filter(({ id }) => id !== job.id);
  else if (fits && isWithin(list, job)) items = [...items, job].sort((a, b) => (a.id < b.id ? 1 : -1));
  // An old job that was never on this page: where it comes from is not known, so the counts stay as they are.
  const counts = before || isWithin(list, job) ? countsAfter(list.counts, before, job.state) : list.counts;
  return items === list.items && counts === list.counts ? list : { ...list, items, counts };
}

/** Whether the job belongs on the part of the list that is loaded. */
function isWithin(list: Jobs, job: Job): boolean {
  const oldest = list.items.at(-1);
  return list.next_cursor === null || oldest === undefined || job.id > oldest.id;
}

function countsAfter(counts: Jobs["counts"], before: JobState | null, after: JobState): Jobs["counts"] {
  if (before === after) return counts;
  const next = { ...counts, [after]: (counts[after] ?? 0) + 1 };
  if (before) next[before] = Math.max(0, (next[before] ?? 0) - 1);
  return next;
}

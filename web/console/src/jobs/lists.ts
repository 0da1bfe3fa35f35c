/** How one job changes a list of jobs and its counts. Pure: the same object when nothing changes. */

import { isOlder } from "./details";
import type { Job, Jobs, JobState } from "./shapes";

export const JOBS = "/jobs";
export const QUEUES = "/jobs/queues";
/** Where on the queues' page the jobs are that were given up. */
export const DEAD_LIST = "dead-jobs";

export interface ListFilter {
  state: string | null;
  type: string | null;
  queue: string | null;
  subject: string | null;
  parent: string | null;
  /** Filters that only the server can judge: what is listed changes in place, nothing is added. */
  searched: boolean;
}

export function isList(key: string): boolean {
  return key === JOBS || key.startsWith(`${JOBS}?`);
}

export function filterOf(key: string): ListFilter {
  const query = new URLSearchParams(key.split("?")[1] ?? "");
  return {
    state: query.get("state"),
    type: query.get("type"),
    queue: query.get("queue"),
    subject: query.get("subject_id"),
    parent: query.get("parent_id"),
    searched: query.has("q") || query.has("since"),
  };
}

/** `before` is the job's state as last known to this page, null for a job that it never saw. */
export function applyToList(list: Jobs, filter: ListFilter, job: Job, before: JobState | null): Jobs {
  // A part of another job shows in that job, and is not counted beside it.
  if (job.parent_id !== filter.parent) return list;
  const at = list.items.findIndex(({ id }) => id === job.id);
  const shown = list.items[at];
  if (shown && isOlder(job, shown)) return list;
  const fits = matches(filter, job);
  let items = list.items;
  if (shown) items = fits ? items.with(at, { ...shown, ...job }) : items.filter(({ id }) => id !== job.id);
  else if (fits && !filter.searched && isWithin(list, job)) items = [...items, job].sort((a, b) => (a.id < b.id ? 1 : -1));
  // An old job that was never on this page: where it comes from is not known, so the counts stay as they are.
  const counted = before !== null || isNew(job) || (isWhole(filter) && isWithin(list, job));
  const counts = counted ? countsAfter(list.counts, before, job.state) : list.counts;
  return items === list.items && counts === list.counts ? list : { ...list, items, counts };
}

function matches(filter: ListFilter, job: Job): boolean {
  return (
    (!filter.state || filter.state === job.state) &&
    (!filter.type || filter.type === job.type) &&
    (!filter.queue || filter.queue === job.queue) &&
    (!filter.subject || filter.subject === job.subject?.id)
  );
}

/** Counts are of all jobs, whatever narrows the list. */
function isWhole({ state, type, queue, subject, searched }: ListFilter): boolean {
  return !state && !type && !queue && !subject && !searched;
}

function isNew(job: Job): boolean {
  return job.attempts === 0 && (job.state === "queued" || job.state === "deferred");
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

/** The next page at the end of what is shown; what came meanwhile is not shown twice. */
export function withPage(list: Jobs, page: Jobs): Jobs {
  const known = new Set(list.items.map(({ id }) => id));
  return { ...list, items: [...list.items, ...page.items.filter(({ id }) => !known.has(id))], next_cursor: page.next_cursor };
}

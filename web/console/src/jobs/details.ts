/** How an event changes the job on screen: the job's own facts, and the one step, effect, attempt or child it names. Pure. */

import type { Attempt, ChangedBy, Child, Effect, Job, JobDetail, Step } from "./shapes";

const FINAL = new Set(["succeeded", "failed", "cancelled", "expired", "dead"]);

export function isFinal(state: string): boolean {
  return FINAL.has(state);
}

/** Whether an event tells of a moment before the one that is shown, as far as that can be told. */
export function isOlder(event: Pick<Job, "attempts" | "state" | "progress">, shown: Pick<Job, "attempts" | "state" | "progress">): boolean {
  if (event.attempts !== shown.attempts) return event.attempts < shown.attempts;
  return event.state === "running" && shown.state === "running" && event.progress < shown.progress;
}

export function applyJob(shown: JobDetail, event: ChangedBy, at: string): JobDetail {
  if (event.parent_id === shown.id) return withChild(shown, event);
  if (event.id !== shown.id || isOlder(event, shown)) return shown;
  const { step, effect, attempt, ...job } = event;
  return {
    ...shown,
    ...job,
    steps: step ? withStep(shown.steps, step, at) : shown.steps,
    effects: effect ? withEffect(shown.effects, effect) : shown.effects,
    history: attempt ? withAttempt(shown.history, attempt) : shown.history,
  };
}

type StepNews = Pick<Step, "name" | "state" | "attempt"> & Partial<Step>;

function withStep(steps: Step[], news: StepNews, at: string): Step[] {
  const known = steps.findIndex(({ name }) => name === news.name);
  const before = steps[known];
  // Told twice, or late: what is done stays done.
  if (before && (before.state === "done" || before.attempt > news.attempt)) return steps;
  const begun = news.started_at ?? (before?.attempt === news.attempt ? before.started_at : at);
  const step: Step = {
    name: news.name,
    state: news.state,
    attempt: news.attempt,
    started_at: begun,
    finished_at: news.finished_at ?? (news.state === "done" ? at : null),
  };
  return before ? steps.with(known, step) : [...steps, step];
}

const RANK: Record<Effect["state"], number> = { planned: 0, sent: 1, unknown: 2, confirmed: 3 };

function withEffect(effects: Effect[], news: Effect): Effect[] {
  const known = effects.findIndex(({ key }) => key === news.key);
  const before = effects[known];
  if (!before) return [...effects, news];
  if (before.attempt > news.attempt || (before.attempt === news.attempt && RANK[before.state] > RANK[news.state])) return effects;
  return effects.with(known, news);
}

function withAttempt(history: Attempt[], news: Attempt): Attempt[] {
  const known = history.findIndex(({ attempt }) => attempt === news.attempt);
  return known < 0 ? [...history, news].sort((a, b) => a.attempt - b.attempt) : history.with(known, news);
}

function withChild(shown: JobDetail, event: Job): JobDetail {
  const known = shown.children.findIndex(({ id }) => id === event.id);
  const before = shown.children[known];
  if (before && isFinal(before.state) && event.state === "running") return shown;
  const { id, type, state, progress, message, attempts, error, started_at, finished_at, cost_usd } = event;
  const child: Child = { id, type, state, progress, message, attempts, error, started_at, finished_at, cost_usd };
  if (before) return { ...shown, children: shown.children.with(known, child) };
  return { ...shown, children: [...shown.children, child], children_total: shown.children_total + 1 };
}

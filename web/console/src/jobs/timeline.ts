/** What a job did, told as its attempts: each with its steps and what it did outside. Pure. */

import type { Attempt, Effect, JobDetail, Step } from "./shapes";

export interface Part {
  name: string;
  step: Step | null;
  effects: Effect[];
}

export interface Run {
  attempt: number;
  startedAt: string | null;
  /** Null while it runs. */
  ended: Attempt | null;
  parts: Part[];
}

/** Oldest first. The attempt that runs now has no record yet; it is drawn from its steps. */
export function runsOf(job: JobDetail): Run[] {
  const records = new Map(job.history.map((record) => [record.attempt, record]));
  const numbers = new Set([...records.keys(), ...job.steps.map(numberOf), ...job.effects.map(numberOf)]);
  if (job.state === "running") numbers.add(job.attempts);
  return [...numbers]
    .sort((a, b) => a - b)
    .map((attempt) => {
      const ended = records.get(attempt) ?? null;
      const parts = partsOf(job, attempt);
      const first = parts[0]?.step?.started_at ?? (attempt === 1 ? job.started_at : null);
      return { attempt, ended, parts, startedAt: ended?.started_at ?? first };
    });
}

function numberOf({ attempt }: { attempt: number }): number {
  return attempt;
}

/** The steps that an attempt was the last to run; what it did outside stands under the step of the same name. */
function partsOf(job: JobDetail, attempt: number): Part[] {
  const steps = job.steps.filter((step) => step.attempt === attempt).sort(byStart);
  const effects = job.effects.filter((effect) => effect.attempt === attempt);
  const parts: Part[] = steps.map((step) => ({ name: step.name, step, effects: effects.filter(({ name }) => name === step.name) }));
  for (const effect of effects) {
    if (steps.some(({ name }) => name === effect.name)) continue;
    const known = parts.find(({ name, step }) => name === effect.name && !step);
    if (known) known.effects.push(effect);
    else parts.push({ name: effect.name, step: null, effects: [effect] });
  }
  return parts;
}

function byStart(a: Step, b: Step): number {
  return Date.parse(a.started_at) - Date.parse(b.started_at);
}

export type PartState = "done" | "now" | "waits" | "stopped" | "doubt";

export function partState({ step, effects }: Part, run: Run): PartState {
  if (effects.some(({ state }) => state === "unknown")) return "doubt";
  if (step?.state === "done" || (!step && effects.every(({ state }) => state === "confirmed"))) return "done";
  if (!run.ended) return "now";
  return run.ended.outcome === "waiting" || run.ended.outcome === "continued" ? "waits" : "stopped";
}

export type Tone = "done" | "now" | "open" | "bad" | "warn";

const OUTCOMES: Record<string, Tone> = {
  succeeded: "done",
  waiting: "open",
  continued: "open",
  cancelled: "open",
  retrying: "warn",
  worker_lost: "warn",
};

export function runTone({ ended }: Run): Tone {
  return ended ? (OUTCOMES[ended.outcome] ?? "bad") : "now";
}

/** How long a job waited in its queues and how long it ran, over all attempts; what still runs is not in it. */
export function timesOf(history: readonly Attempt[]): { waited: number; ran: number } {
  const sum = (pick: (record: Attempt) => number | null): number => history.reduce((all, record) => all + (pick(record) ?? 0), 0);
  return { waited: sum(({ wait_ms }) => wait_ms), ran: sum(({ run_ms }) => run_ms) };
}

export function inDoubt(job: JobDetail): Effect[] {
  return job.effects.filter(({ state }) => state === "unknown");
}

/**
 * The steps of a job on screen. Its events carry no steps, but each step announces itself when it begins (by its message)
 * and when it is done (by the progress), so the timeline moves without asking the server.
 */

import type { Job, JobDetail, JobStep } from "../api/types";

const FINAL = new Set(["succeeded", "failed", "cancelled", "expired", "dead"]);

export function isFinal(state: string): boolean {
  return FINAL.has(state);
}

/** Whether an event tells of a moment before the one that is shown, as far as that can be told. */
export function isOlder(event: Job, shown: Job): boolean {
  if (event.attempts !== shown.attempts) return event.attempts < shown.attempts;
  return event.state === "running" && shown.state === "running" && event.progress < shown.progress;
}

/** The step that a message announces; null when it announces none. */
export function stepOf(message: string): string | null {
  const piece = /^Writing piece (\d+) of/.exec(message);
  if (piece) return `piece-${piece[1] ?? ""}`;
  if (message === "Writing the piece anew") return "write";
  if (message === "Handing over to n8n") return "hand-off";
  return null;
}

export function applyJob(shown: JobDetail, event: Job, at: string): JobDetail {
  if (event.id !== shown.id || isOlder(event, shown)) return shown;
  return { ...shown, ...event, steps: stepsAfter(shown, event, at) };
}

function stepsAfter(shown: JobDetail, event: Job, at: string): JobStep[] {
  let steps = shown.steps;
  if (event.progress > shown.progress || event.state === "succeeded") {
    steps = steps.map((step) => (step.state === "started" ? { ...step, state: "done", finished_at: at } : step));
  }
  const name = event.state === "running" ? stepOf(event.message) : null;
  const known = steps.find((step) => step.name === name);
  if (name && !known) {
    steps = [...steps, { name, state: "started", attempt: event.attempts, started_at: at, finished_at: null }];
  } else if (name && known?.state === "started" && known.attempt < event.attempts) {
    steps = steps.map((step) => (step === known ? { ...step, attempt: event.attempts, started_at: at } : step));
  }
  return steps;
}

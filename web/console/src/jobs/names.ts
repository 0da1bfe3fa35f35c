/** Jobs, their parts and their queues in the client's words; a name that is not known shows as the API gives it. */

import { paths } from "../content_planner/paths";
import type { Key, Translate } from "../i18n";
import { said } from "./words";

/** Those that a client sees in its list: parts of a job show in that job. */
export const LISTED_TYPES: readonly string[] = ["content_planner.create_campaign", "content_planner.regenerate_piece"];
/** The suite's own upkeep, in an admin's list of everybody's. */
export const UPKEEP_TYPES: readonly string[] = ["content_planner.close_campaign", "jobs.forget_old", "jobs.tidy_dead_letters"];
export const UPKEEP_QUEUE = "jobs";
export const QUEUE_NAMES: readonly string[] = ["content_planner", "content_planner_urgent", UPKEEP_QUEUE];
const KNOWN_TYPES = new Set<string>([...LISTED_TYPES, "content_planner.write_piece", ...UPKEEP_TYPES]);
const KNOWN_QUEUES = new Set<string>(QUEUE_NAMES);
const STEPS = new Set(["pieces", "write", "hand-off", "callback"]);

export function jobName(t: Translate, type: string): string {
  return KNOWN_TYPES.has(type) ? t(`job.type.${type}` as Key) : type;
}

export function queueName(t: Translate, queue: string): string {
  return KNOWN_QUEUES.has(queue) ? t(`job.queue.${queue}` as Key) : queue;
}

export function stepName(t: Translate, name: string): string {
  const piece = /^piece-(\d+)$/.exec(name);
  if (piece) return t("job.step.piece", { n: piece[1] ?? "" });
  return STEPS.has(name) ? t(`job.step.${name}` as Key) : name;
}

/** What a job does now. */
export function doingNow(t: Translate, job: { message: string; waits_for_turn?: boolean }): string {
  return said(t, job.message) || (job.waits_for_turn ? t("job.said.turn") : "");
}

export function subjectPath(job: { subject: { kind: string; id: string } | null }): string | null {
  return job.subject?.kind === "campaign" ? paths.campaign(job.subject.id) : null;
}

export function jobPath(id: string): string {
  return paths.job(id);
}

export interface Sought {
  type: string | null;
  q: string | null;
}

/** What the server is asked for what somebody typed: a job's name here is a type there. */
export function sought(t: Translate, text: string, type: string | null, types: readonly string[]): Sought {
  const wanted = text.trim().toLocaleLowerCase();
  if (wanted === "") return { type, q: null };
  const named = type === null && wanted.length > 2 ? types.filter((one) => jobName(t, one).toLocaleLowerCase().includes(wanted)) : [];
  return named.length === 1 ? { type: named[0] ?? null, q: null } : { type, q: text.trim() };
}

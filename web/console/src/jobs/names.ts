/** Jobs and their parts in the client's words; a name that is not known shows as the API gives it. */

import type { Job } from "../api/types";
import { paths } from "../content_planner/paths";
import type { Key, Translate } from "../i18n";
import { stepOf } from "./steps";

const TYPES = new Set(["content_planner.create_campaign", "content_planner.regenerate_piece", "content_planner.close_campaign"]);
const STEPS = new Set(["write", "hand-off", "callback"]);

export function jobName(t: Translate, type: string): string {
  return TYPES.has(type) ? t(`job.type.${type}` as Key) : type;
}

export function stepName(t: Translate, name: string): string {
  const piece = /^piece-(\d+)$/.exec(name);
  if (piece) return t("job.step.piece", { n: piece[1] ?? "" });
  return STEPS.has(name) ? t(`job.step.${name}` as Key) : name;
}

/** What a job does now. */
export function stepNow(t: Translate, job: Job): string {
  const step = stepOf(job.message);
  return step ? stepName(t, step) : job.message;
}

export function subjectPath(job: Job): string | null {
  return job.subject?.kind === "campaign" ? paths.campaign(job.subject.id) : null;
}

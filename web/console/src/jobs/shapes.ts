/** The jobs' shapes by the names this room uses. */

import type { Job, JobAttempt, JobEffect, JobStep, RedriveFilter, RedriveItem } from "../api/types";

export type {
  ChangedJob,
  Job,
  JobAttempt as Attempt,
  JobChild as Child,
  JobDetail,
  JobEffect as Effect,
  JobState,
  JobStep as Step,
  Jobs,
  JobsHealth,
  ListedEffects,
  Queue,
  Queues,
  RedriveFilter,
  RedriveItem,
  Redriven,
} from "../api/types";

export type RedriveState = NonNullable<RedriveFilter["states"]>[number];
export type Verdict = RedriveItem["verdict"];

/** What the event job.updated carries: the job as lists show it, and the one part of it that just changed. */
export interface ChangedBy extends Job {
  step?: Pick<JobStep, "name" | "state" | "attempt">;
  effect?: JobEffect;
  attempt?: JobAttempt;
}

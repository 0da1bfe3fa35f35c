/** What the API says of jobs in English, for logs, in the reader's words: messages, reasons of a failure. */

import type { Key, Translate } from "../i18n";

const SAID: Record<string, Key> = {
  "Writing the pieces": "job.said.pieces",
  "Writing the piece anew": "job.said.anew",
  "Waiting for n8n": "job.said.n8n",
  "Handing over to n8n": "job.said.hand_off",
  "Waiting for its turn": "job.said.turn",
  "Answer received": "job.said.answered",
  Stopping: "job.said.stopping",
};

/** A job's message; one that is not known shows as it came. */
export function said(t: Translate, message: string): string {
  const piece = /^Writing piece (\d+) of (\d+)$/.exec(message);
  if (piece) return t("job.said.piece", { n: piece[1] ?? "", total: piece[2] ?? "" });
  const key = SAID[message];
  return key ? t(key) : message;
}

const REASONS = new Set([
  "worker_lost",
  "callback_timeout",
  "expired",
  "cancelled",
  "effect_unknown",
  "step_timeout",
  "internal_error",
  "unavailable",
  "generation_failed",
  "child_failed",
  "retry",
  "result_too_large",
  "conflict",
  "not_found",
  "validation_failed",
  "feature_forbidden",
  "subscription_read_only",
  "quota_exhausted",
  "rate_limited",
  "not_reviewed",
]);

export interface Reason {
  /** In the reader's words; null when the code is not known and only the API's own words are there. */
  text: string | null;
  code: string;
  /** The API's sentence: English, exact, for whoever looks closer. */
  detail: string;
}

export interface Failure {
  code?: string | null;
  detail?: string | null;
}

export function reasonOf(t: Translate, failure: Failure | null | undefined): Reason | null {
  if (!failure?.code && !failure?.detail) return null;
  const code = failure.code ?? "";
  return { text: REASONS.has(code) ? t(`job.reason.${code}` as Key) : null, code, detail: failure.detail ?? "" };
}

/** In one line, for a table's cell. */
export function reasonLine(t: Translate, failure: Failure | null | undefined): string {
  const reason = reasonOf(t, failure);
  return reason ? (reason.text ?? (reason.detail || reason.code)) : "";
}

/** What the ledger noted of an effect that went wrong; null when it is no sentence that we know. */
export function effectNote(t: Translate, detail: string): string | null {
  if (detail === "The worker stopped after the request went out.") return t("job.effect.stopped");
  const broke = /^(\w+) after the request went out\.$/.exec(detail);
  return broke ? t("job.effect.broke", { error: broke[1] ?? "" }) : null;
}

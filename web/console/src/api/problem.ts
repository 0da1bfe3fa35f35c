/** A refusal as RFC 9457 says it, or the network's silence in the same form, so that screens show one kind of error. */

export interface FieldError {
  loc: string[];
  msg: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[];
  readonly requestId: string | null;
  readonly retryAfter: number | null;
  readonly feature: string | null;
  readonly required_plan: string | null;
  readonly resets_at: string | null;

  constructor(status: number, body: Record<string, unknown>, headers?: Headers) {
    const text = (key: string): string | null => (typeof body[key] === "string" ? body[key] : null);
    super(text("detail") ?? text("title") ?? `HTTP ${String(status)}`);
    this.name = "Problem";
    this.status = status;
    this.code = text("code") ?? codeOf(status);
    this.title = text("title") ?? "";
    this.detail = text("detail") ?? "";
    this.errors = fieldErrors(body["errors"]);
    this.requestId = headers?.get("X-Request-Id") ?? text("instance");
    const wait = Number(headers?.get("Retry-After") ?? NaN);
    this.retryAfter = Number.isFinite(wait) ? wait : null;
    this.feature = text("feature");
    this.required_plan = text("required_plan");
    this.resets_at = text("resets_at");
  }

  /** What is wrong with each field, by its name in the body; the first error of a field wins. */
  byField(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const { loc, msg } of this.errors) {
      const name = loc.filter((part) => part !== "body").join(".");
      found[name] ??= msg;
    }
    return found;
  }
}

export function unreachable(): Problem {
  return new Problem(0, { code: "unreachable" });
}

export async function problemOf(response: Response): Promise<Problem> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // A gateway's own page is no problem document; the status says enough.
  }
  return new Problem(response.status, isRecord(body) ? body : {}, response.headers);
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

function codeOf(status: number): string {
  if (status === 0) return "unreachable";
  if (status === 401) return "unauthenticated";
  if (status === 404) return "not_found";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "refused";
}

function fieldErrors(given: unknown): FieldError[] {
  if (!Array.isArray(given)) return [];
  return given.filter(isRecord).map((error) => ({
    loc: Array.isArray(error["loc"]) ? error["loc"].map(String) : [],
    msg: String(error["msg"] ?? ""),
  }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The one way to the API: adds the token, renews it once, turns refusals into Problems. Knows nothing of screens. */

import { Problem, problemOf, unreachable } from "./problem";
import { accessToken, dropTokens, renew } from "./tokens";

export { Problem, isProblem } from "./problem";

export type Query = Record<string, string | number | boolean | null | undefined>;

interface Sent {
  method: string;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** A path under /api/v1 with its query, which is also its key in the cache. */
export function keyOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${path}?${search}` : path;
}

async function send(path: string, sent: Sent, token: string | null): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  if (sent.body !== undefined) headers["Content-Type"] = "application/json";
  if (sent.idempotencyKey) headers["Idempotency-Key"] = sent.idempotencyKey;
  const init: RequestInit = { method: sent.method, headers };
  if (sent.body !== undefined) init.body = JSON.stringify(sent.body);
  if (sent.signal) init.signal = sent.signal;
  try {
    return await fetch(`/api/v1${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

async function authorized(path: string, sent: Sent): Promise<Response> {
  const token = await accessToken();
  if (token === null) throw new Problem(401, {});
  let response = await send(path, sent, token);
  if (response.status === 401) {
    const renewed = await renew(token);
    if (renewed === null) throw await problemOf(response);
    response = await send(path, sent, renewed);
    if (response.status === 401) dropTokens();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function json<T>(response: Response): Promise<T> {
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
  async get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return json<T>(await authorized(keyOf(path, query), signal ? { method: "GET", signal } : { method: "GET" }));
  },

  async post<T>(path: string, body?: unknown, options: { idempotencyKey?: string } = {}): Promise<T> {
    return json<T>(await authorized(path, { method: "POST", body: body ?? {}, ...options }));
  },

  async patch<T>(path: string, body: unknown): Promise<T> {
    return json<T>(await authorized(path, { method: "PATCH", body }));
  },

  /** Saves what the API answers as a file; a link could not carry the token. */
  async download(path: string, filename: string): Promise<void> {
    const response = await authorized(path, { method: "GET" });
    const address = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = address;
    link.download = filename;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => {
      URL.revokeObjectURL(address);
    }, 10_000);
  },
};

/** Without a token, for what comes before one. */
export async function postOpenly<T>(path: string, body: unknown): Promise<T> {
  const response = await send(path, { method: "POST", body }, null);
  if (!response.ok) throw await problemOf(response);
  return json<T>(response);
}

/** SWR's fetcher: the key is the path with its query. */
export function fetcher<T>(key: string): Promise<T> {
  return api.get<T>(key);
}

/** Who is signed in: the access token lives in memory, the refresh token in localStorage, rotated by one tab at a time. */

import { problemOf, unreachable } from "./problem";
import type { Tokens } from "./types";

const STORED = "bai.refresh_token";
const LOCK = "bai.refresh";
const EARLY_MS = 30_000;

let access: { token: string; until: number } | null = null;
let refreshing: Promise<string | null> | null = null;
const listeners = new Set<() => void>();

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function store(token: string | null): void {
  try {
    if (token === null) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, token);
  } catch {
    // Storage is off: the session lasts as long as the page.
  }
}

export function keepTokens(tokens: Tokens): void {
  access = { token: tokens.access_token, until: Date.now() + tokens.expires_in * 1000 - EARLY_MS };
  store(tokens.refresh_token);
  tellListeners();
}

export function dropTokens(): void {
  access = null;
  store(null);
  tellListeners();
}

export function isSignedIn(): boolean {
  return access !== null || stored() !== null;
}

export function refreshToken(): string | null {
  return stored();
}

/** Called when somebody signs in or out, in this tab or in another. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellListeners(): void {
  for (const listener of listeners) listener();
}

if (typeof window !== "undefined") {
  window.addEventListener("storage", (event) => {
    if (event.key !== STORED) return;
    // Another tab signed out, or in as somebody else: this tab's access token is nobody's business any more.
    if (event.newValue === null || event.oldValue === null) access = null;
    tellListeners();
  });
}

/** A token that should still be good; null when nobody is signed in (any more). */
export async function accessToken(): Promise<string | null> {
  if (access && access.until > Date.now()) return access.token;
  return renew(access?.token ?? null);
}

/** A token other than the one that was refused. Throws a Problem when the API can't be reached. */
export function renew(refused: string | null): Promise<string | null> {
  if (access && access.token !== refused && access.until > Date.now()) return Promise.resolve(access.token);
  refreshing ??= alone(rotate).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function alone(work: () => Promise<string | null>): Promise<string | null> {
  // Two tabs that rotate the same token at once look like theft to the API, which would end the session.
  return "locks" in navigator ? await navigator.locks.request(LOCK, work) : await work();
}

async function rotate(): Promise<string | null> {
  const token = stored();
  if (token === null) return null;
  const response = await fetch("/api/v1/auth/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: token }),
    // Rotation must be finished once begun, also when the page is left meanwhile.
    keepalive: true,
  }).catch(() => {
    throw unreachable();
  });
  if (response.ok) {
    keepTokens((await response.json()) as Tokens);
    return access?.token ?? null;
  }
  const problem = await problemOf(response);
  if (problem.status !== 401 && problem.status !== 403 && problem.status !== 422) throw problem;
  if (stored() === token) dropTokens();
  return null;
}

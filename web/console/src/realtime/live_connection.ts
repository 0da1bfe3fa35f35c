/** The page's one connection, and the gate that keeps screens from fetching before the story's start is known. */

import { api, isProblem } from "../api/client";
import type { Ticket } from "../api/types";
import { applyEvent, refetchAll, refetchFailed } from "./cache";
import { Connection } from "./connection";
import { announce } from "./events";
import type { Socket } from "./surroundings";

/** Longer than a cold start takes; a screen without live changes is better than none. */
const PATIENCE_MS = 4_000;

let settled: Promise<void> | null = null;
let fetchedUnsettled = false;

export const connection = new Connection({
  getTicket: () => api.post<Ticket>("/realtime/ticket"),
  open: (url) => new WebSocket(url) as Socket,
  onEvent: (event) => {
    applyEvent(event);
    announce(event);
  },
  onSnapshot: refetchAll,
  isFinal: (error) => isProblem(error) && error.status === 401,
  waitOf: (error) => (isProblem(error) ? error.retryAfter : null),
  random: Math.random,
  now: Date.now,
});

function firstSettled(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
    const leave = connection.subscribe(() => {
      const { state, attempt } = connection.status();
      if (state !== "connecting" && attempt > 0) resolve();
      if (state !== "live") return;
      resolve();
      leave();
      if (fetchedUnsettled) refetchAll();
      fetchedUnsettled = false;
    });
  });
}

/**
 * Resolves when what is fetched next is certain to be followed by every event after it: once the server's `ready` gave the
 * number to go on from. Bounded: without a socket it resolves all the same, and the screen is fetched once more when it is there.
 */
export async function storyStarted(): Promise<void> {
  await settled;
  if (connection.status().lastSeq === null) fetchedUnsettled = true;
}

export function openLive(): void {
  if (settled) return;
  fetchedUnsettled = false;
  settled = firstSettled();
  connection.start();
}

export function closeLive(): void {
  connection.stop();
  settled = null;
}

let wasLive = false;
connection.subscribe(() => {
  const live = connection.status().state === "live";
  if (live && !wasLive) setTimeout(refetchFailed, 0);
  wasLive = live;
});

if (typeof window !== "undefined") {
  window.addEventListener("online", () => {
    connection.wake();
  });
  window.addEventListener("offline", () => {
    connection.networkLost();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") connection.wake();
  });
}

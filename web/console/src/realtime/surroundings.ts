/** What the connection needs from the page, and what it shows of itself. */

import type { LiveEvent } from "./frames";

export interface Ticket {
  ticket: string;
  url: string;
}

/** The part of the browser's WebSocket that is used. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
}

export interface Surroundings {
  getTicket: () => Promise<Ticket>;
  open: (url: string) => Socket;
  onEvent: (event: LiveEvent) => void;
  /** What was missed can't be had any more: fetch anew. */
  onSnapshot: () => void;
  /** Whether the error of getTicket means that trying again is pointless. */
  isFinal: (error: unknown) => boolean;
  /** Seconds that the server asked to wait, if it did. */
  waitOf: (error: unknown) => number | null;
  random: () => number;
  now: () => number;
}

export interface ConnectionStatus {
  state: "live" | "connecting" | "offline";
  /** Seconds until the next try, counted when it was planned; null while none is. */
  retryInSeconds: number | null;
  /** The same as a time, for a countdown. */
  retryAt: number | null;
  lastSeq: number | null;
  /** Failed tries since the socket was last live. */
  attempt: number;
}

export function addressOf({ ticket, url }: Ticket, last: number | null): string {
  const query = new URLSearchParams({ ticket });
  if (last !== null) query.set("last_seq", String(last));
  return `${url}${url.includes("?") ? "&" : "?"}${query.toString()}`;
}

/** Plays the server and the clock for the connection's tests. */

import { afterEach, beforeEach, vi } from "vitest";
import { Connection } from "./connection";
import type { LiveEvent } from "./frames";
import type { Socket, Ticket } from "./surroundings";

export class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  event(seq: number): void {
    this.says({ type: "event", seq, event: "job.updated", at: "2026-11-23T00:00:00Z", data: { n: seq } });
  }

  cut(): void {
    this.onclose?.();
  }

  get lastSeq(): string | null {
    return new URL(this.url).searchParams.get("last_seq");
  }
}

export class Final extends Error {}
export class Wait extends Error {}

export const sockets: FakeSocket[] = [];
export const seen: number[] = [];
export const onSnapshot = vi.fn();
export const getTicket = vi.fn();
export const dice = { value: 0.5 };
export const stage: { connection: Connection } = { connection: null as never };

export function newest(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
}

export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

export async function start(seq: number): Promise<FakeSocket> {
  stage.connection.start();
  await settle();
  newest().says({ type: "ready", seq });
  return newest();
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets.length = 0;
  seen.length = 0;
  dice.value = 0.5;
  onSnapshot.mockReset();
  getTicket.mockReset().mockResolvedValue({ ticket: "t 1", url: "wss://live.example/live" });
  stage.connection = new Connection({
    getTicket: getTicket as () => Promise<Ticket>,
    open: (url) => {
      sockets.push(new FakeSocket(url));
      return newest();
    },
    onEvent: ({ seq }: LiveEvent) => seen.push(seq),
    onSnapshot,
    isFinal: (error) => error instanceof Final,
    waitOf: (error) => (error instanceof Wait ? 20 : null),
    random: () => dice.value,
    now: Date.now,
  });
});

afterEach(() => {
  stage.connection.stop();
  vi.useRealTimers();
});

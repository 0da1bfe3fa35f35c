/**
 * Keeps one socket open and its events in order: ticket, connect, resume, ping, backoff, planned reconnect.
 * Knows neither React nor the cache; what surrounds it is given, so that tests can play the server and the clock.
 */

import { delayOf } from "./backoff";
import type { LiveEvent, ServerFrame } from "./frames";
import { readFrame } from "./frames";
import { Sequence } from "./sequence";
import type { ConnectionStatus, Socket, Surroundings, Ticket } from "./surroundings";
import { addressOf } from "./surroundings";
import { Timers } from "./timers";

const HANDSHAKE_MS = 10_000;
const SILENCE_MS = 4 * 60_000; // API Gateway cuts an idle socket after 10 minutes
const PONG_MS = 10_000;
const HOLE_MS = 5_000;
const PLANNED_MS = 110 * 60_000; // ten minutes before API Gateway's two hours
const PLANNED_SPREAD_MS = 3 * 60_000;
const STEADY_MS = 10_000;
const DOUBT_MS = 60_000;

export class Connection {
  private readonly around: Surroundings;
  private readonly sequence: Sequence;
  private readonly listeners = new Set<() => void>();
  private readonly timers = new Timers();
  private current: ConnectionStatus = { state: "offline", retryInSeconds: null, retryAt: null, lastSeq: null, attempt: 0 };
  private socket: Socket | null = null;
  private started = false;
  private attempt = 0;
  private generation = 0;
  private liveSince: number | null = null;
  private heardAt = 0;
  private askedFrom: number | null = null;
  /** The highest number that the server named on this socket. */
  private newest = 0;

  constructor(around: Surroundings) {
    this.around = around;
    this.sequence = new Sequence((event) => {
      this.around.onEvent(event);
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly status = (): ConnectionStatus => this.current;

  start(): void {
    if (this.started) return;
    this.started = true;
    this.attempt = 0;
    void this.connect();
  }

  /** Ends it and forgets where the story was: the next start may be somebody else's. */
  stop(): void {
    this.started = false;
    this.hangUp();
    this.sequence.forget();
    this.show("offline", null);
  }

  /** The network is back, or somebody looks at the page again: no reason to wait any longer. */
  wake(): void {
    if (this.timers.has("retry")) void this.connect();
    else if (this.current.state === "live" && this.around.now() - this.heardAt > DOUBT_MS) this.ping();
  }

  /** The browser says that there is no network. It may be wrong, so trying goes on. */
  networkLost(): void {
    if (this.socket) this.fail(null);
  }

  private async connect(quiet = false): Promise<void> {
    this.hangUp();
    const generation = this.generation;
    if (!quiet) this.show("connecting", null);
    let ticket: Ticket;
    try {
      ticket = await this.around.getTicket();
    } catch (error) {
      if (generation !== this.generation) return;
      if (this.around.isFinal(error)) this.stop();
      else this.fail(this.around.waitOf(error));
      return;
    }
    if (generation === this.generation) this.listen(ticket, generation);
  }

  private listen(ticket: Ticket, generation: number): void {
    const lost = (): void => {
      if (generation === this.generation) this.fail(null);
    };
    this.askedFrom = this.sequence.last;
    this.timers.set("handshake", HANDSHAKE_MS, lost);
    const socket = this.around.open(addressOf(ticket, this.askedFrom));
    this.socket = socket;
    socket.onclose = lost;
    socket.onerror = lost;
    socket.onmessage = ({ data }) => {
      if (generation !== this.generation) return;
      this.heard();
      const frame = readFrame(data);
      if (frame) this.take(frame);
    };
  }

  private take(frame: ServerFrame): void {
    switch (frame.type) {
      case "ready":
        this.ready(frame.seq);
        break;
      case "event":
        this.event(frame);
        break;
      case "snapshot_required":
        this.restartAt(frame.seq);
        break;
      case "reconnect":
        this.plan(frame.within_s * 1000 * (0.2 + 0.5 * this.around.random()));
        break;
      case "pong":
      case "chunk":
        break;
    }
  }

  private ready(seq: number): void {
    const first = this.timers.has("handshake");
    this.timers.clear("handshake");
    // A server that stands before what we saw tells another story, from another database.
    if (first && this.askedFrom !== null && seq < this.askedFrom) this.restartAt(seq);
    else if (this.sequence.last === null) this.sequence.startAt(seq);
    this.newest = Math.max(this.newest, seq);
    this.watch();
    if (first) {
      this.liveSince = this.around.now();
      this.plan(PLANNED_MS + (this.around.random() - 0.5) * PLANNED_SPREAD_MS);
      this.show("live", null);
    }
  }

  private event(event: LiveEvent): void {
    this.newest = Math.max(this.newest, event.seq);
    this.sequence.take(event);
    const { last, isHolding } = this.sequence;
    if (isHolding && last !== null && !this.timers.has("hole")) this.say({ action: "resume", last_seq: last });
    this.watch();
    this.publish({ ...this.current, lastSeq: last });
  }

  private restartAt(seq: number): void {
    this.newest = seq;
    this.sequence.startAt(seq);
    this.watch();
    this.publish({ ...this.current, lastSeq: seq });
    this.around.onSnapshot();
  }

  /** While numbers are missing, they have to come soon; otherwise a new socket asks for them. */
  private watch(): void {
    const { last } = this.sequence;
    if (last === null || last >= this.newest) {
      this.timers.clear("hole");
    } else if (!this.timers.has("hole")) {
      this.timers.set("hole", HOLE_MS, () => {
        if (this.sequence.last === last) this.fail(null);
        else this.watch();
      });
    }
  }

  private plan(delay: number): void {
    this.timers.set("planned", delay, () => void this.connect(true));
  }

  private heard(): void {
    this.heardAt = this.around.now();
    this.timers.clear("pong");
    this.timers.set("silence", SILENCE_MS, () => {
      this.ping();
    });
  }

  private ping(): void {
    this.say({ action: "ping" });
    this.timers.set("pong", PONG_MS, () => {
      this.fail(null);
    });
  }

  private say(message: { action: string; last_seq?: number }): void {
    try {
      this.socket?.send(JSON.stringify(message));
    } catch {
      // Not open (any more): its onclose deals with that.
    }
  }

  private fail(wait: number | null): void {
    const steady = this.liveSince !== null && this.around.now() - this.liveSince > STEADY_MS;
    this.hangUp();
    if (steady) this.attempt = 0;
    const delay = Math.max(delayOf(this.attempt, this.around.random), (wait ?? 0) * 1000);
    this.attempt += 1;
    this.timers.set("retry", delay, () => void this.connect());
    this.show("offline", delay);
  }

  private hangUp(): void {
    this.generation += 1;
    this.timers.clearAll();
    this.newest = 0;
    this.liveSince = null;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onclose = socket.onerror = socket.onmessage = null;
    socket.close(1000);
  }

  private show(state: ConnectionStatus["state"], delay: number | null): void {
    const attempt = state === "live" ? 0 : this.attempt;
    const retryInSeconds = delay === null ? null : Math.ceil(delay / 1000);
    const retryAt = delay === null ? null : this.around.now() + delay;
    this.publish({ state, retryInSeconds, retryAt, lastSeq: this.sequence.last, attempt });
  }

  private publish(status: ConnectionStatus): void {
    this.current = status;
    for (const listener of this.listeners) listener();
  }
}

/** Puts numbered events in order: each number once, none left out, whatever the socket does. Knows no socket. */

import type { LiveEvent } from "./frames";

const MAX_HELD = 500;

export class Sequence {
  /** The newest number that was applied; null until the server said where it stands. */
  last: number | null = null;
  private readonly held = new Map<number, LiveEvent>();
  private readonly apply: (event: LiveEvent) => void;

  constructor(apply: (event: LiveEvent) => void) {
    this.apply = apply;
  }

  /** Where the story starts for this page: what is fetched from now on is at least as new as `seq`. */
  startAt(seq: number): void {
    this.last = seq;
    for (const known of [...this.held.keys()]) if (known <= seq) this.held.delete(known);
    this.drain();
  }

  forget(): void {
    this.last = null;
    this.held.clear();
  }

  take(event: LiveEvent): void {
    if (this.last !== null && event.seq <= this.last) return;
    // What does not fit is asked for again by number: nothing is lost, only sent twice.
    if (this.held.size < MAX_HELD || event.seq === (this.last ?? 0) + 1) this.held.set(event.seq, event);
    this.drain();
  }

  /** Whether something came that can't be applied, because what is before it is missing. */
  get isHolding(): boolean {
    return this.held.size > 0;
  }

  private drain(): void {
    while (this.last !== null) {
      const next = this.held.get(this.last + 1);
      if (!next) return;
      this.held.delete(next.seq);
      this.last = next.seq;
      this.apply(next);
    }
  }
}

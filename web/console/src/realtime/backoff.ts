/** How long to wait before trying again: full jitter, so that ten thousand tabs do not come back in one second. */

const FIRST_MS = 1_000;
const CAP_MS = 30_000;
const FLOOR_MS = 250;

/** `attempt` counts from 0. */
export function delayOf(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(FLOOR_MS, Math.floor(random() * ceiling));
}

/**
 * Events meet fetched data here. An event that arrives while an answer is on its way may be newer than that answer, so it
 * is applied again once the answer is stored; that is harmless, because events carry whole objects.
 */

import { SWRConfig, mutate } from "swr";
import type { LiveEvent } from "./events";
import { changeCache } from "./events";

interface Flight {
  key: string;
  events: LiveEvent[];
}

const flights = new Set<Flight>();
const mounted = new Map<string, number>();
const store = SWRConfig.defaultValue.cache;
let only: string | null = null;

export type KeyFilter = (key: string) => boolean;

/**
 * Changes what is cached under a key, or under each key that the filter picks; asks the server nothing. `update` gets the
 * present data and returns the new one, or the same object when nothing changes. Keys without data are left alone.
 */
export function mutateCached<T>(keyOrFilter: string | KeyFilter, update: (current: T, key: string) => T): void {
  for (const key of keysOf(keyOrFilter)) {
    if (only !== null && key !== only) continue;
    // Its answer is on its way: SWR would throw that away. The event is applied when it is here.
    if (only === null && isFlying(key)) continue;
    const current = store.get(key)?.data as T | undefined;
    if (current === undefined) continue;
    const next = update(current, key);
    if (next !== current) void mutate(key, next, { revalidate: false });
  }
}

function keysOf(keyOrFilter: string | KeyFilter): string[] {
  if (typeof keyOrFilter === "string") return [keyOrFilter];
  return keys().filter(keyOrFilter);
}

/** All addresses that something was fetched for. */
function keys(): string[] {
  return [...store.keys()].filter((key) => key.startsWith("/"));
}

/** What is cached under the keys that the filter picks. */
export function cached<T>(filter: KeyFilter): T[] {
  return keys()
    .filter(filter)
    .map((key) => store.get(key)?.data as T | undefined)
    .filter((data) => data !== undefined);
}

function isFlying(key: string): boolean {
  for (const flight of flights) if (flight.key === key) return true;
  return false;
}

/** Applies an event to everything that is cached, now or as soon as it arrives. */
export function applyEvent(event: LiveEvent): void {
  for (const flight of flights) flight.events.push(event);
  changeCache(event);
}

/** Fetches for a key and remembers the events that come meanwhile. */
export async function fetchWatched<T>(key: string, get: (key: string) => Promise<T>): Promise<T> {
  const flight: Flight = { key, events: [] };
  flights.add(flight);
  try {
    return await get(key);
  } finally {
    // After SWR has stored the answer, which it does in the microtasks that follow.
    setTimeout(() => {
      land(flight);
    }, 0);
  }
}

function land(flight: Flight): void {
  flights.delete(flight);
  only = flight.key;
  try {
    flight.events.forEach(changeCache);
  } finally {
    only = null;
  }
}

export function countMounted(key: string, change: 1 | -1): void {
  const count = (mounted.get(key) ?? 0) + change;
  if (count > 0) mounted.set(key, count);
  else mounted.delete(key);
}

/** Events were lost for good: what is on screen is fetched once more, the rest is forgotten. */
export function refetchAll(): void {
  for (const key of keys()) {
    if (mounted.has(key)) void mutate(key);
    else store.delete(key);
  }
}

/** What failed for want of a connection is tried again when there is one. */
export function refetchFailed(): void {
  for (const key of mounted.keys()) if (store.get(key)?.error !== undefined) void mutate(key);
}

/** Somebody signed out: nothing of theirs stays. */
export function forgetAll(): void {
  for (const key of keys()) store.delete(key);
}

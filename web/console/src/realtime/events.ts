/** Where features say what an event means for them. `useConnection` is here too, for those who show the connection. */

import type { LiveEvent } from "./frames";

export type { LiveEvent } from "./frames";
export { useConnection } from "./use_connection";

type Handler = (event: LiveEvent) => void;

interface Registered {
  name: string;
  handler: Handler;
}

const onCache: Registered[] = [];
const onNews: Registered[] = [];

/**
 * Called for each event named `name`, or whose name starts with it when it ends in a dot. The handler changes cached data
 * by `mutateCached` and nothing else: it is called again for data that was on its way when the event came.
 */
export function onEvent(name: string, handler: Handler): () => void {
  return register(onCache, name, handler);
}

/** Called once for each event, for what must not happen twice, such as a toast. */
export function onArrival(name: string, handler: Handler): () => void {
  return register(onNews, name, handler);
}

export function changeCache(event: LiveEvent): void {
  call(onCache, event);
}

export function announce(event: LiveEvent): void {
  call(onNews, event);
}

function register(list: Registered[], name: string, handler: Handler): () => void {
  const entry = { name, handler };
  list.push(entry);
  return () => {
    const at = list.indexOf(entry);
    if (at >= 0) list.splice(at, 1);
  };
}

function call(list: Registered[], event: LiveEvent): void {
  for (const { name, handler } of [...list]) {
    if (event.event !== name && !(name.endsWith(".") && event.event.startsWith(name))) continue;
    try {
      handler(event);
    } catch (error) {
      // One feature's mistake must not cost the others their events.
      console.error("event handler failed", event.event, event.seq, error);
    }
  }
}

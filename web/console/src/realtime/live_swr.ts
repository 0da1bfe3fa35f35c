/** How SWR behaves here: a screen is fetched once, then the socket keeps it true. No refetch by focus, time or remount. */

import { useEffect } from "react";
import type { Middleware, SWRConfiguration } from "swr";
import { fetcher, isProblem } from "../api/client";
import { countMounted, fetchWatched } from "./cache";
import { storyStarted } from "./live_connection";

const RETRIES = 3;
const TRANSIENT = new Set([429, 502, 503, 504]);

async function fetchInStory(key: string): Promise<unknown> {
  await storyStarted();
  return fetchWatched(key, fetcher);
}

const trackMounted: Middleware = (useNext) => (key, fetch, config) => {
  const mounted = typeof key === "string" ? key : null;
  useEffect(() => {
    if (mounted === null) return;
    countMounted(mounted, 1);
    return () => {
      countMounted(mounted, -1);
    };
  }, [mounted]);
  return useNext(key, fetch, config);
};

export const liveSwr: SWRConfiguration = {
  fetcher: fetchInStory,
  use: [trackMounted],
  revalidateOnFocus: false,
  revalidateOnReconnect: false,
  revalidateIfStale: false,
  // What has no connection waits for one (refetchFailed); what has no hope is told at once.
  onErrorRetry: (error: unknown, _key, _config, revalidate, { retryCount }) => {
    if (!isProblem(error) || !TRANSIENT.has(error.status) || retryCount > RETRIES) return;
    const delay = (error.retryAfter ?? 2 ** retryCount) * 1000 * (0.75 + Math.random() / 2);
    setTimeout(() => void revalidate({ retryCount }), delay);
  },
};

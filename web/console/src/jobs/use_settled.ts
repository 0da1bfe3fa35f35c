import { useEffect, useRef } from "react";
import { onArrival } from "../realtime/events";

const QUIET_MS = 1_500;
const LONGEST_MS = 6_000;

/**
 * For sums that no single event carries: read anew once the jobs' events have gone quiet, and now and then while they
 * have not. Where nothing happens nothing is asked.
 */
export function useSettled(again: () => Promise<unknown>): void {
  const latest = useRef(again);
  useEffect(() => {
    latest.current = again;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let first: number | null = null;
    const leave = onArrival("job.updated", () => {
      first ??= Date.now();
      clearTimeout(timer);
      const wait = Math.min(QUIET_MS, Math.max(0, first + LONGEST_MS - Date.now()));
      timer = setTimeout(() => {
        first = null;
        void latest.current();
      }, wait);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, []);
}

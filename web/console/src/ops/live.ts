/** The platform's state as it is pushed: a newer measurement takes the place of an older one. */

import type { Report } from "../api/types";
import { mutateCached } from "../realtime/cache";
import { onEvent } from "../realtime/events";

export const REPORT = "/health/deps";

export function newer(current: Report, pushed: Report): Report {
  return Date.parse(pushed.checked_at) >= Date.parse(current.checked_at) ? pushed : current;
}

onEvent("system.status", ({ data }) => {
  mutateCached<Report>(REPORT, (current) => newer(current, data as Report));
});

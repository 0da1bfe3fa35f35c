/** Moments as people say them; the exact one, with its zone, is in the title. */

import { useFormat } from "../i18n";
import { useNow } from "./use_now";

type When = string | number | Date;

export function RelativeTime({ when }: { when: When }) {
  const format = useFormat();
  const now = useNow(10_000);
  return (
    <time dateTime={new Date(when).toISOString()} title={format.exact(when)}>
      {format.relative(when, now)}
    </time>
  );
}

/** How old something is, in one short unit; for tables. */
export function Age({ of }: { of: When }) {
  const format = useFormat();
  const now = useNow(5_000);
  return (
    <time dateTime={new Date(of).toISOString()} title={format.exact(of)}>
      {format.age(now - new Date(of).getTime())}
    </time>
  );
}

export function Time({ when, as = "dateTime" }: { when: When; as?: "dateTime" | "date" | "time" | "clock" | "day" }) {
  const format = useFormat();
  return (
    <time dateTime={new Date(when).toISOString()} title={format.exact(when)}>
      {format[as](when)}
    </time>
  );
}

/** How long something took, or takes so far. */
export function Elapsed({ from, until }: { from: When; until?: When | null }) {
  const format = useFormat();
  const now = useNow(until ? null : 1_000);
  const end = until ? new Date(until).getTime() : now;
  return <span>{format.duration(Math.max(0, end - new Date(from).getTime()))}</span>;
}

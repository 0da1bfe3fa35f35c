/** Dates, times and figures in the language of the screen and the client's time zone, all by Intl. */

import type { Language } from "../api/types";

type When = string | number | Date;

export interface Format {
  zone: string;
  /** 3 Nov 2026 */
  date: (when: When) => string;
  /** Tue 3 Nov */
  day: (when: When) => string;
  /** 14:05 */
  time: (when: When) => string;
  /** 14:05:09 */
  clock: (when: When) => string;
  /** 3 Nov 2026, 14:05 */
  dateTime: (when: When) => string;
  /** To the second, with the zone; for tooltips. */
  exact: (when: When) => string;
  /** November 2026, from YYYY-MM. */
  month: (month: string) => string;
  number: (value: number) => string;
  percent: (share: number) => string;
  /** "$12.40"; below a cent as many digits as it takes to tell it from nothing. */
  usd: (value: number) => string;
  /** "2 minutes ago", "in 3 hours"; `now` for a ticking clock. */
  relative: (when: When, now?: number) => string;
  /** "320ms", "4.2s", "3m 20s", "1h 5m" */
  duration: (milliseconds: number) => string;
  /** The same in its largest unit alone: "42s", "3m", "5h", "2d". */
  age: (milliseconds: number) => string;
  list: (items: readonly string[]) => string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function makeFormat(language: Language, wanted: string | null): Format {
  const timeZone = knownZone(wanted);
  const locale = language === "es" ? "es-ES" : "en-GB";
  const dates = (options: Intl.DateTimeFormatOptions): ((when: When) => string) => {
    let made: Intl.DateTimeFormat | null = null;
    return (when) => (made ??= new Intl.DateTimeFormat(locale, { timeZone, ...options })).format(new Date(when));
  };
  const months = new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "long", year: "numeric" });
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const dollars = new Intl.NumberFormat(locale, { style: "currency", currency: "USD", maximumFractionDigits: 4 });
  const crumbs = new Intl.NumberFormat(locale, { style: "currency", currency: "USD", maximumSignificantDigits: 2 });
  const relatives = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  const unit = (value: number, name: string, digits = 0): string =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: digits }).format(value);

  return {
    zone: timeZone,
    date: dates({ day: "numeric", month: "short", year: "numeric" }),
    day: dates({ weekday: "short", day: "numeric", month: "short" }),
    time: dates({ hour: "2-digit", minute: "2-digit" }),
    clock: dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    dateTime: dates({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }),
    exact: dates({ dateStyle: "full", timeStyle: "long" }),
    month: (month) => upperFirst(months.format(new Date(`${month}-01T00:00:00Z`))),
    number: (value) => numbers.format(value),
    percent: (share) => percents.format(share),
    usd: (value) => (value !== 0 && Math.abs(value) < 0.01 ? crumbs : dollars).format(value),
    relative: (when, now = Date.now()) => relativeIn(relatives, new Date(when).getTime() - now),
    duration: (given) => {
      if (given < 1000) return unit(Math.round(given), "millisecond");
      if (given < MINUTE) return unit(given / 1000, "second", given < 10_000 ? 1 : 0);
      if (given < HOUR) return `${unit(Math.floor(given / MINUTE), "minute")} ${unit(Math.floor((given % MINUTE) / 1000), "second")}`;
      return `${unit(Math.floor(given / HOUR), "hour")} ${unit(Math.floor((given % HOUR) / MINUTE), "minute")}`;
    },
    age: (given) => {
      if (given < MINUTE) return unit(Math.max(0, Math.floor(given / 1000)), "second");
      if (given < HOUR) return unit(Math.floor(given / MINUTE), "minute");
      return given < DAY ? unit(Math.floor(given / HOUR), "hour") : unit(Math.floor(given / DAY), "day");
    },
    list: (items) => lists.format(items),
  };
}

function relativeIn(format: Intl.RelativeTimeFormat, away: number): string {
  const size = Math.abs(away);
  if (size < 45_000) return format.format(Math.trunc(away / 1000), "second");
  if (size < HOUR) return format.format(Math.round(away / MINUTE), "minute");
  if (size < DAY) return format.format(Math.round(away / HOUR), "hour");
  return format.format(Math.round(away / DAY), "day");
}

function knownZone(wanted: string | null): string {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!wanted) return own;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: wanted }).resolvedOptions().timeZone;
  } catch {
    return own;
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

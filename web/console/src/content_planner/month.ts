/** Months and days as a client sees them in its own time zone. A month is "YYYY-MM", a day "YYYY-MM-DD". */

export interface LocalTime {
  day: string;
  time: string;
}

export function addMonths(month: string, count: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const index = year * 12 + number - 1 + count;
  return `${String(Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}`;
}

export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export function isMonth(value: string | null | undefined): value is string {
  return /^20\d{2}-(0[1-9]|1[0-2])$/.test(value ?? "");
}

/** The weeks of a month, Monday first; days of the neighbours fill the first and last. */
export function weeksOf(month: string): string[][] {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const first = new Date(Date.UTC(year, number - 1, 1));
  const before = (first.getUTCDay() + 6) % 7;
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const weeks = Math.ceil((before + days) / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, weekday) => dayAt(year, number, 1 - before + week * 7 + weekday)),
  );
}

export function daysOf(month: string): string[] {
  return weeksOf(month)
    .flat()
    .filter((day) => monthOf(day) === month);
}

export function addDays(day: string, count: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return dayAt(year, month, date + count);
}

function dayAt(year: number, month: number, date: number): string {
  return new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);
}

/** The instant as the zone's wall clock shows it. */
export function localTime(instant: string | Date, zone: string): LocalTime {
  const parts = partsIn(new Date(instant), zone);
  return { day: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}

export function today(zone: string, now: Date = new Date()): string {
  return localTime(now, zone).day;
}

/** The instant (UTC, ISO 8601 with Z) at which the zone's wall clock shows that day and time. */
export function instantOf({ day, time }: LocalTime, zone: string): string {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  let instant = wanted;
  // Twice: the first guess may lie on the other side of a clock change.
  for (let round = 0; round < 2; round += 1) instant = wanted - offsetAt(instant, zone);
  return new Date(instant).toISOString().replace(".000Z", "Z");
}

/** The same time of day on another day; a clock change in between does not move the hour. */
export function moveToDay(instant: string, day: string, zone: string): string {
  return instantOf({ day, time: localTime(instant, zone).time }, zone);
}

function offsetAt(instant: number, zone: string): number {
  const parts = partsIn(new Date(instant), zone);
  const wall = Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:00Z`);
  return wall - Math.floor(instant / 60_000) * 60_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsIn(date: Date, zone: string): Record<"year" | "month" | "day" | "hour" | "minute", string> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
  return parts as Record<"year" | "month" | "day" | "hour" | "minute", string>;
}

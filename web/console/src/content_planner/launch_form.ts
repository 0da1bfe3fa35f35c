/** The launch form's values and what the API would say about them; knows nothing of screens. */

import { addMonths, isMonth, monthOf, today } from "./month";

export const MAX_TONE = 100;
export const MAX_THEME = 120;
export const MAX_THEMES = 10;
export const MAX_PLATFORMS = 5;
const MONTHS_AHEAD = 24;

export interface LaunchForm {
  month: string;
  tone_of_voice: string;
  themes: string[];
  target_platforms: string[];
  language: "es" | "en";
}

export type LaunchField = keyof LaunchForm;
export type LaunchFault =
  | { code: "required" | "month_range" | "themes_none" | "platforms_none" | "repeated" }
  | { code: "too_long" | "themes_many" | "platforms_many"; max: number }
  | { code: "server"; text: string };
export type LaunchFaults = Partial<Record<LaunchField, LaunchFault>>;

export const FIELDS: LaunchField[] = ["month", "themes", "tone_of_voice", "target_platforms", "language"];

export function emptyForm(zone: string, language: "es" | "en", now: Date = new Date()): LaunchForm {
  return {
    month: addMonths(monthOf(today(zone, now)), 1),
    tone_of_voice: "",
    themes: [],
    target_platforms: ["instagram", "linkedin"],
    language,
  };
}

export function monthChoices(zone: string, now: Date = new Date()): string[] {
  const first = monthOf(today(zone, now));
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => addMonths(first, ahead));
}

export function validate(form: LaunchForm, zone: string, now: Date = new Date()): LaunchFaults {
  const faults: LaunchFaults = {};
  if (!isMonth(form.month) || !monthChoices(zone, now).includes(form.month)) faults.month = { code: "month_range" };
  const tone = form.tone_of_voice.trim();
  if (!tone) faults.tone_of_voice = { code: "required" };
  else if (length(tone) > MAX_TONE) faults.tone_of_voice = { code: "too_long", max: MAX_TONE };
  const themes = faultOfThemes(form.themes);
  if (themes) faults.themes = themes;
  if (form.target_platforms.length === 0) faults.target_platforms = { code: "platforms_none" };
  else if (form.target_platforms.length > MAX_PLATFORMS) {
    faults.target_platforms = { code: "platforms_many", max: MAX_PLATFORMS };
  }
  return faults;
}

function faultOfThemes(themes: readonly string[]): LaunchFault | null {
  const kept = themes.map((theme) => theme.trim()).filter(Boolean);
  if (kept.length === 0) return { code: "themes_none" };
  if (kept.length > MAX_THEMES) return { code: "themes_many", max: MAX_THEMES };
  if (kept.some((theme) => length(theme) > MAX_THEME)) return { code: "too_long", max: MAX_THEME };
  if (new Set(kept.map((theme) => theme.toLowerCase())).size < kept.length) return { code: "repeated" };
  return null;
}

/** Characters as Python counts them. */
export function length(text: string): number {
  return [...text].length;
}

/** The API's refusal, each error at its field; an error of no field of ours is not shown at one. */
export function faultsOf(errors: readonly { loc: readonly (string | number)[]; msg: string }[]): LaunchFaults {
  const faults: LaunchFaults = {};
  for (const { loc, msg } of errors) {
    const field = FIELDS.find((name) => loc.some((part) => String(part).split(".").includes(name)));
    if (field && !faults[field]) faults[field] = { code: "server", text: msg };
  }
  return faults;
}

/** Which language to begin with: the one chosen here before, else the browser's. */

import type { Language } from "../api/types";

const STORED = "bai.language";

export function isLanguage(value: unknown): value is Language {
  return value === "es" || value === "en";
}

export function firstLanguage(): Language {
  const chosen = chosenLanguage();
  if (chosen) return chosen;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return wanted ?? "es";
}

export function chosenLanguage(): Language | null {
  try {
    const stored = localStorage.getItem(STORED);
    return isLanguage(stored) ? stored : null;
  } catch {
    return null;
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // Storage is off: asked again next time.
  }
}

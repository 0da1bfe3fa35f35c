/** Which language to begin with: the one chosen here before, else the account's, else the browser's. */

import type { Language } from "../api/types";

const CHOSEN = "bai.language";
const ADOPTED = "bai.language.account";

export function isLanguage(value: unknown): value is Language {
  return value === "es" || value === "en";
}

export function firstLanguage(): Language {
  const known = chosenLanguage() ?? read(ADOPTED);
  return known ?? navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "es";
}

export function chosenLanguage(): Language | null {
  return read(CHOSEN);
}

export function rememberLanguage(language: Language): void {
  write(CHOSEN, language);
}

export function adoptLanguage(language: Language): void {
  write(ADOPTED, language);
}

function read(name: string): Language | null {
  try {
    const stored = localStorage.getItem(name);
    return isLanguage(stored) ? stored : null;
  } catch {
    return null;
  }
}

function write(name: string, language: Language): void {
  try {
    localStorage.setItem(name, language);
  } catch {
    // Storage is off: asked again next time.
  }
}

/** Language and theme, one click away on every screen. */

import { Languages, Monitor, Moon, Sun } from "lucide-react";
import { mutate } from "swr";
import { api } from "../api/client";
import { isSignedIn } from "../api/tokens";
import type { Language, Me } from "../api/types";
import { IconButton, Menu } from "../design";
import { useLanguage, useT } from "../i18n";
import { ME } from "./session";
import { THEMES, useTheme } from "./theme";

export const LANGUAGE_NAMES: Record<Language, string> = { es: "Español", en: "English" };
export const LANGUAGES: readonly Language[] = ["es", "en"];
export const THEME_ICONS = { light: <Sun />, dark: <Moon />, system: <Monitor /> };

/** Chooses the language here, and for the account, whose mails and texts follow. */
export function useChooseLanguage(): (language: Language) => void {
  const [, setLanguage] = useLanguage();
  return (language) => {
    setLanguage(language, true);
    if (!isSignedIn()) return;
    api
      .patch<Me>("/auth/me", { language })
      .then((me) => mutate(ME, me, { revalidate: false }))
      // The screen already speaks it; the account follows the next time.
      .catch(() => undefined);
  };
}

export function LanguageMenu() {
  const t = useT();
  const [current] = useLanguage();
  const choose = useChooseLanguage();
  return (
    <Menu
      label={t("bar.language")}
      trigger={<IconButton label={`${t("bar.language")}: ${LANGUAGE_NAMES[current]}`} icon={<Languages />} />}
      entries={LANGUAGES.map((language) => ({
        id: language,
        label: <span lang={language}>{LANGUAGE_NAMES[language]}</span>,
        checked: language === current,
        onSelect: () => {
          choose(language);
        },
      }))}
    />
  );
}

export function ThemeMenu() {
  const t = useT();
  const [current, setTheme] = useTheme();
  return (
    <Menu
      label={t("bar.theme")}
      trigger={<IconButton label={`${t("bar.theme")}: ${t(`theme.${current}`)}`} icon={THEME_ICONS[current]} />}
      entries={THEMES.map((theme) => ({
        id: theme,
        label: t(`theme.${theme}`),
        icon: THEME_ICONS[theme],
        checked: theme === current,
        onSelect: () => {
          setTheme(theme);
        },
      }))}
    />
  );
}

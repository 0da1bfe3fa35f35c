/** What the palette offers. */

import { Languages, LogOut, Megaphone, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import type { CampaignRow, Campaigns } from "../api/types";
import { CAMPAIGNS } from "../content_planner/keys";
import { paths } from "../content_planner/paths";
import { useFormat, useLanguage, useT } from "../i18n";
import { cached } from "../realtime/cache";
import { LANGUAGES, LANGUAGE_NAMES, THEME_ICONS, useChooseLanguage } from "./Preferences";
import { ROOMS } from "./rooms";
import { signOut, useFeature } from "./session";
import { THEMES, useTheme } from "./theme";

export interface Command {
  id: string;
  group: "go" | "do";
  name: string;
  icon: ReactNode;
  run: () => void;
}

export function useCommands(onLaunch: () => void): Command[] {
  const t = useT();
  const navigate = useNavigate();
  const format = useFormat();
  const [theme, setTheme] = useTheme();
  const [language] = useLanguage();
  const chooseLanguage = useChooseLanguage();
  const { allowed } = useFeature("ai_content_generation");
  const to = (path: string) => () => void navigate(path);

  const rooms = ROOMS.map<Command>(({ id, path, name, icon }) => ({
    id,
    group: "go",
    name: t(name),
    icon,
    run: to(path),
  }));
  const campaigns = knownCampaigns().map<Command>(({ id, month, themes }) => ({
    id,
    group: "go",
    name: `${format.month(month)} · ${themes[0] ?? ""}`,
    icon: <Megaphone />,
    run: to(paths.campaign(id)),
  }));
  const acts: Command[] = [
    ...(allowed ? [{ id: "launch", group: "do" as const, name: t("palette.launch"), icon: <Plus />, run: onLaunch }] : []),
    ...THEMES.filter((one) => one !== theme).map((one) => ({
      id: `theme-${one}`,
      group: "do" as const,
      name: t("palette.theme", { theme: t(`theme.${one}`) }),
      icon: THEME_ICONS[one],
      run: () => {
        setTheme(one);
      },
    })),
    ...LANGUAGES.filter((one) => one !== language).map((one) => ({
      id: `language-${one}`,
      group: "do" as const,
      name: t("palette.language", { language: LANGUAGE_NAMES[one] }),
      icon: <Languages />,
      run: () => {
        chooseLanguage(one);
      },
    })),
    { id: "out", group: "do", name: t("bar.sign_out"), icon: <LogOut />, run: signOut },
  ];
  return [...rooms, ...campaigns, ...acts];
}

function knownCampaigns(): CampaignRow[] {
  const rows = cached<Campaigns>((key) => key.startsWith(`${CAMPAIGNS}?`) || key === CAMPAIGNS).flatMap(({ items }) => items);
  return [...new Map(rows.map((row) => [row.id, row])).values()].slice(0, 8);
}

/** Every word that was typed begins a word of the name, accents aside. */
export function match(commands: readonly Command[], text: string): Command[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return commands.filter(({ name }) => {
    const parts = plain(name).split(/[\s·:]+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

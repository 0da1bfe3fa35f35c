/** The two languages. One is loaded at a time; keys are checked against the English messages. */

import type { ReactNode } from "react";
import { createContext, use, useEffect, useMemo, useState } from "react";
import type { Language } from "../api/types";
import type { Key, Messages } from "../messages/en";
import type { Format } from "./format";
import { makeFormat } from "./format";
import { adoptLanguage, firstLanguage, rememberLanguage } from "./language";

export type { Key } from "../messages/en";
export type { Format } from "./format";

export type Params = Record<string, string | number>;
export type Translate = (key: Key, params?: Params) => string;

interface Speech {
  language: Language;
  /** `chosen` by the user here; otherwise it is the account's, which a choice wins over. */
  setLanguage: (language: Language, chosen: boolean) => void;
  t: Translate;
  format: Format;
}

const SpeechContext = createContext<Speech | null>(null);

async function load(language: Language): Promise<Messages> {
  return language === "es" ? (await import("../messages/es")).default : (await import("../messages/en")).default;
}

export function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** Started with the page's script, so that the words arrive with the first paint. */
export const firstMessages = load(firstLanguage());

interface Spoken {
  language: Language;
  messages: Messages;
}

export function SpeechProvider(props: { first: Messages; timeZone: string | null; children: ReactNode }) {
  const [spoken, setSpoken] = useState<Spoken>({ language: firstLanguage(), messages: props.first });
  const { language, messages } = spoken;
  const zone = props.timeZone;

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const speech = useMemo<Speech>(
    () => ({
      language,
      setLanguage: (wanted, chosen) => {
        if (chosen) rememberLanguage(wanted);
        else adoptLanguage(wanted);
        void load(wanted).then((found) => {
          setSpoken({ language: wanted, messages: found });
        });
      },
      t: (key, params) => fill(messages[key], params),
      format: makeFormat(language, zone),
    }),
    [language, messages, zone],
  );
  return <SpeechContext value={speech}>{props.children}</SpeechContext>;
}

function useSpeech(): Speech {
  const speech = use(SpeechContext);
  if (!speech) throw new Error("no SpeechProvider above");
  return speech;
}

export function useT(): Translate {
  return useSpeech().t;
}

export function useFormat(): Format {
  return useSpeech().format;
}

export function useLanguage(): [Language, Speech["setLanguage"]] {
  const { language, setLanguage } = useSpeech();
  return [language, setLanguage];
}

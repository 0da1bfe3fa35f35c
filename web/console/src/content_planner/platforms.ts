/** What each platform accepts, from the API's own data file, and texts counted as that platform counts them. */

import rules from "../../../../functions/content_planner/platform_rules.json";

export type Counting = "utf16" | "utf8_bytes" | "x_weighted" | "threads";

export interface PlatformRules {
  id: string;
  name: string;
  max_chars: number;
  counting: Counting;
  max_hashtags: number | null;
  recommended_hashtags: number;
  forbidden_characters: string;
  reel_seconds: { min: number; max: number };
  source: string;
  checked_on: string;
}

export const PLATFORMS = rules.platforms as unknown as PlatformRules[];

const byId = new Map(PLATFORMS.map((platform) => [platform.id, platform]));

export function platformOf(id: string): PlatformRules {
  const found = byId.get(id);
  if (!found) throw new Error(`unknown platform ${id}`);
  return found;
}

const EMOJI_ONE =
  "(?:[\\u{1f000}-\\u{1f1e5}\\u{1f200}-\\u{1f3fa}\\u{1f400}-\\u{1faff}\\u2600-\\u27bf\\u2b00-\\u2bff\\u2300-\\u23ff]" +
  "[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]*|[^\\s\\p{L}\\p{M}\\p{N}_]\\ufe0f)[\\u{e0020}-\\u{e007f}]*";
const EMOJI = new RegExp(
  // A lone skin tone is an emoji of its own here, which is what the rule warns of.
  // eslint-disable-next-line no-misleading-character-class
  `[\\u{1f1e6}-\\u{1f1ff}]{2}|[0-9#*]\\ufe0f?\\u20e3|${EMOJI_ONE}(?:\\u200d${EMOJI_ONE})*` +
    "|[\\u{1f1e6}-\\u{1f1ff}\\u{1f3fb}-\\u{1f3ff}]",
  "gu",
);
const URL_ENDINGS = "com|org|net|info|biz|io|ai|app|dev|shop|store|online|es|mx|ar|co|cl|pe|eu|us|uk|de|fr|it|pt|tv|me";
const URL =
  "(?:https?://\\S+|(?<![\\p{L}\\p{N}_@.])(?:[a-z0-9-]+\\.)+" +
  `(?:${URL_ENDINGS})(?![\\p{L}\\p{N}_])(?:/\\S*)?)(?<![.,;:!?)\\]'"»”])`;
const URLS = new RegExp(URL, "giu");
const HASHTAGS = /(?<![\p{L}\p{N}_&/#])[#＃]([\p{L}\p{M}\p{N}_]+)/gu;

/** The length of `text` as that platform counts it. */
export function countChars(platformId: string, text: string): number {
  switch (platformOf(platformId).counting) {
    case "x_weighted":
      return weighForX(text.normalize("NFC"));
    case "utf8_bytes":
      return new TextEncoder().encode(text).length;
    case "threads":
      return countForThreads(text);
    case "utf16":
      return text.length;
  }
}

function countForThreads(text: string): number {
  let length = [...text].length;
  for (const [emoji] of text.matchAll(EMOJI)) length += new TextEncoder().encode(emoji).length - [...emoji].length;
  return length;
}

function weighForX(text: string): number {
  let weight = 0;
  const rest = text
    .replace(URLS, () => {
      weight += 23;
      return "";
    })
    .replace(EMOJI, () => {
      weight += 2;
      return "";
    });
  for (const char of rest) weight += weightOnX(char.codePointAt(0) ?? 0);
  return weight;
}

/** The four light ranges of twitter-text's config/v3.json. */
function weightOnX(point: number): number {
  const light =
    point <= 0x10ff ||
    (point >= 0x2000 && point <= 0x200d) ||
    (point >= 0x2010 && point <= 0x201f) ||
    (point >= 0x2032 && point <= 0x2037);
  return light ? 1 : 2;
}

export function normalizeHashtag(hashtag: string): string {
  return `#${hashtag.normalize("NFC").trim().replace(/^[#＃]+/, "").trim()}`;
}

export function isHashtag(hashtag: string): boolean {
  const word = normalizeHashtag(hashtag).slice(1);
  return [...word].length < 100 && /^[\p{L}\p{Nd}_][\p{L}\p{M}\p{Nd}_]*$/u.test(word) && /\p{L}/u.test(word);
}

export function hashtagsIn(text: string): string[] {
  return [...text.matchAll(HASHTAGS)].map((match) => `#${match[1] ?? ""}`).filter(isHashtag);
}

/** What is pasted on the platform: the text, an empty line, the hashtags. */
export function renderedText(text: string, hashtags: readonly string[]): string {
  return [text.trim(), hashtags.map(normalizeHashtag).join(" ")].filter(Boolean).join("\n\n");
}

/** The API's check of a piece, repeated while one types: same codes, figures instead of sentences. */

import { countChars, hashtagsIn, isHashtag, normalizeHashtag, platformOf, renderedText } from "./platforms";
import type { PlatformRules } from "./platforms";

export interface ScriptDraft {
  hook: string;
  shots: { seconds: number; visual: string; voice: string }[];
  caption: string;
}

export interface PieceDraft {
  platform: string;
  kind: "post" | "reel";
  text: string;
  hashtags: string[];
  script: ScriptDraft | null;
}

export type FindingCode =
  | "empty_text"
  | "text_too_long"
  | "empty_caption"
  | "caption_too_long"
  | "forbidden_character"
  | "malformed_hashtag"
  | "duplicate_hashtag"
  | "too_many_hashtags"
  | "many_hashtags"
  | "reel_without_script"
  | "reel_without_hook"
  | "reel_too_short"
  | "reel_too_long";

export interface Finding {
  code: FindingCode;
  level: "error" | "warning";
  params: Record<string, string | number>;
}

export function checkPiece(piece: PieceDraft): Finding[] {
  const platform = platformOf(piece.platform);
  return [
    ...checkText(platform, piece.text, piece.hashtags, "text"),
    ...checkHashtags(platform, piece),
    ...(piece.kind === "reel" ? checkScript(platform, piece) : []),
  ];
}

export function errorsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter((finding) => finding.level === "error");
}

function checkText(
  platform: PlatformRules,
  text: string,
  hashtags: readonly string[],
  field: "text" | "caption",
): Finding[] {
  const found: Finding[] = [];
  const name = platform.name;
  if (!text.trim()) found.push({ code: `empty_${field}`, level: "error", params: {} });
  const whole = renderedText(text, hashtags);
  const chars = countChars(platform.id, whole);
  if (chars > platform.max_chars) {
    found.push({ code: `${field}_too_long`, level: "error", params: { chars, max: platform.max_chars, name } });
  }
  const refused = [...platform.forbidden_characters].filter((char) => whole.includes(char));
  if (refused.length) {
    found.push({ code: "forbidden_character", level: "error", params: { chars: refused.join(" "), name } });
  }
  return found;
}

function checkHashtags(platform: PlatformRules, piece: PieceDraft): Finding[] {
  const found: Finding[] = piece.hashtags
    .filter((hashtag) => !isHashtag(hashtag))
    .map((hashtag) => ({
      code: "malformed_hashtag",
      level: "error",
      params: { hashtag: normalizeHashtag(hashtag).slice(0, 60) },
    }));
  const every = [...piece.hashtags, ...hashtagsIn(piece.text)].map((tag) => normalizeHashtag(tag).toLowerCase());
  const repeated = [...new Set(every.filter((tag, index) => every.indexOf(tag) !== index))].sort();
  if (repeated.length) {
    found.push({ code: "duplicate_hashtag", level: "warning", params: { hashtags: repeated.join(" ") } });
  }
  const params = { count: every.length, name: platform.name };
  if (platform.max_hashtags !== null && every.length > platform.max_hashtags) {
    found.push({ code: "too_many_hashtags", level: "error", params: { ...params, max: platform.max_hashtags } });
  } else if (every.length > platform.recommended_hashtags) {
    found.push({ code: "many_hashtags", level: "warning", params: { ...params, max: platform.recommended_hashtags } });
  }
  return found;
}

function checkScript(platform: PlatformRules, piece: PieceDraft): Finding[] {
  const script = piece.script;
  if (!script?.shots.length) return [{ code: "reel_without_script", level: "error", params: {} }];
  const found: Finding[] = [];
  const seconds = script.shots.reduce((sum, shot) => sum + shot.seconds, 0);
  const { min, max } = platform.reel_seconds;
  if (seconds < min || seconds > max) {
    const code = seconds < min ? "reel_too_short" : "reel_too_long";
    found.push({ code, level: "error", params: { seconds, min, max, name: platform.name } });
  }
  if (!script.hook.trim()) found.push({ code: "reel_without_hook", level: "warning", params: {} });
  return [...found, ...checkText(platform, script.caption, piece.hashtags, "caption")];
}

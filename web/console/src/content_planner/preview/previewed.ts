import type { ScriptDraft } from "../piece_check";

/** What a preview needs to know: the piece as it is being typed, and in whose name it appears. */
export interface Previewed {
  id: string;
  kind: "post" | "reel";
  platform: string;
  text: string;
  hashtags: string[];
  media_brief: string;
  script: ScriptDraft | null;
  author: string;
  when: string;
}

export function handleOf(author: string): string {
  const plain = author.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, ".").replace(/^\.|\.$/g, "") || "you";
}

export function initialsOf(author: string): string {
  const words = author.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words[words.length - 1] : ""].map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

/** A steady number from an id, to give each picture a look of its own. */
export function seedOf(id: string): number {
  let seed = 0;
  for (const char of id) seed = (seed * 31 + char.charCodeAt(0)) % 9973;
  return seed;
}

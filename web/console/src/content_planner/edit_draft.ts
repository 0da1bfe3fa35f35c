/** A piece being edited: what was typed, on which version, and what of it is to be saved. Knows no screen. */

import type { Piece, PieceEdit } from "../api/types";
import { instantOf, localTime, monthOf } from "./month";
import type { ScriptDraft } from "./piece_check";

export interface EditDraft {
  text: string;
  hashtags: string[];
  media_brief: string;
  script: ScriptDraft | null;
  day: string;
  time: string;
}

const CONTENT = ["text", "hashtags", "media_brief", "script"] as const;
const FIELDS = [...CONTENT, "day", "time"] as const;

export function draftOf(piece: Piece, zone: string): EditDraft {
  return {
    text: piece.text,
    hashtags: piece.hashtags,
    media_brief: piece.media_brief,
    script: piece.script
      ? { ...piece.script, shots: piece.script.shots.map((shot) => ({ ...shot, voice: shot.voice ?? "" })) }
      : null,
    ...localTime(piece.scheduled_for, zone),
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function isChanged(draft: EditDraft, piece: Piece, zone: string): boolean {
  return !same(draft, draftOf(piece, zone));
}

/** Only what differs is sent, so that a moved date alone makes no new version. */
export function editOf(draft: EditDraft, piece: Piece, zone: string): PieceEdit {
  const before = draftOf(piece, zone);
  const edit: PieceEdit = { version: piece.version };
  if (draft.text !== before.text) edit.text = draft.text;
  if (!same(draft.hashtags, before.hashtags)) edit.hashtags = draft.hashtags;
  if (draft.media_brief !== before.media_brief) edit.media_brief = draft.media_brief;
  if (draft.script && !same(draft.script, before.script)) edit.script = draft.script;
  if (draft.day !== before.day || draft.time !== before.time) edit.scheduled_for = instantOf(draft, zone);
  return edit;
}

/** "Keep mine": what was typed stays, what was not touched comes from the new version. */
export function rebase(draft: EditDraft, old: Piece, fresh: Piece, zone: string): EditDraft {
  const before = draftOf(old, zone);
  const theirs = draftOf(fresh, zone);
  const kept = FIELDS.filter((field) => !same(draft[field], before[field])).map((field) => [field, draft[field]]);
  return { ...theirs, ...(Object.fromEntries(kept) as Partial<EditDraft>) };
}

/** Whether another version holds other words; a moved date or a new state is no conflict. */
export function isOtherContent(a: Piece, b: Piece): boolean {
  return a.version !== b.version && CONTENT.some((field) => !same(a[field], b[field]));
}

export type EditFault = "bad_time" | "out_of_month" | "required" | "seconds";
export type EditFaults = Record<string, EditFault>;

export function faultsOfEdit(draft: EditDraft, month: string): EditFaults {
  const faults: EditFaults = {};
  if (!/^\d{4}-\d{2}-\d{2}$/.test(draft.day) || !/^\d{2}:\d{2}$/.test(draft.time)) faults["when"] = "bad_time";
  else if (monthOf(draft.day) !== month) faults["when"] = "out_of_month";
  if (!draft.text.trim()) faults["text"] = "required";
  if (draft.script) {
    if (!draft.script.hook.trim()) faults["hook"] = "required";
    if (!draft.script.caption.trim()) faults["caption"] = "required";
    draft.script.shots.forEach((shot, index) => {
      if (!shot.visual.trim()) faults[`visual-${String(index)}`] = "required";
      if (!Number.isInteger(shot.seconds) || shot.seconds < 1 || shot.seconds > 180) {
        faults[`seconds-${String(index)}`] = "seconds";
      }
    });
  }
  return faults;
}

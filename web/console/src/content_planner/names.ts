/** What a piece is called on screen. */

import type { Piece } from "../api/types";
import type { Translate } from "../i18n";
import { platformOf } from "./platforms";

export function pieceName(t: Translate, piece: Pick<Piece, "kind" | "position">): string {
  return piece.kind === "reel" ? t("planner.piece.reel") : t("planner.piece.post_n", { n: piece.position });
}

export function openLabel(t: Translate, piece: Pick<Piece, "kind" | "position" | "platform">): string {
  return t("planner.piece.open", { piece: pieceName(t, piece), platform: platformOf(piece.platform).name });
}

/** A month within a sentence: Spanish writes it small. */
export function inSentence(month: string, language: string): string {
  return language === "es" ? month.charAt(0).toLowerCase() + month.slice(1) : month;
}

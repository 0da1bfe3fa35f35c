/** Moving a piece to another day: shown at once, taken back when it is refused, undone by one press. */

import { useState } from "react";
import { isProblem } from "../api/client";
import type { Problem } from "../api/client";
import type { CalendarPiece, Piece } from "../api/types";
import { showPiece } from "./live";
import { localTime, monthOf, moveToDay } from "./month";
import { acts } from "./use_acts";

const MOVABLE = ["review_ready", "changes_requested", "approved"];

export function canMove(piece: CalendarPiece): boolean {
  return MOVABLE.includes(piece.campaign_status) && piece.status !== "regenerating";
}

export interface Moved {
  piece: CalendarPiece;
  from: string;
  to: string;
}

export interface Moving {
  moved: Moved | null;
  problem: Problem | null;
  move: (piece: CalendarPiece, day: string) => Promise<void>;
  undo: () => Promise<void>;
}

export function useMoving(zone: string): Moving {
  const [moved, setMoved] = useState<Moved | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (piece: CalendarPiece, to: string): Promise<boolean> => {
    setProblem(null);
    const before: Piece = piece;
    showPiece({ ...before, scheduled_for: to });
    try {
      await acts.editPiece(before, { version: before.version, scheduled_for: to });
      return true;
    } catch (error) {
      if (!isProblem(error)) throw error;
      showPiece(before);
      setProblem(error);
      setMoved(null);
      return false;
    }
  };
  return {
    moved,
    problem,
    move: async (piece, day) => {
      const from = piece.scheduled_for;
      if (localTime(from, zone).day === day || monthOf(day) !== monthOf(localTime(from, zone).day)) return;
      const to = moveToDay(from, day, zone);
      if (await send(piece, to)) setMoved({ piece, from, to });
    },
    undo: async () => {
      if (!moved) return;
      setMoved(null);
      await send({ ...moved.piece, scheduled_for: moved.to }, moved.from);
    },
  };
}

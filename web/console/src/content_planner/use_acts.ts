/** What a client can do to a campaign. Answers go into the cache; nothing is fetched again. */

import { useState } from "react";
import { api, isProblem } from "../api/client";
import type { Campaign, CampaignRow, ChangedJob, Piece, PieceEdit, Regenerated } from "../api/types";
import type { Problem } from "../api/client";
import { campaignKey, pieceKey } from "./keys";
import { showCampaign, showPiece } from "./live";

export type Act<T> = () => Promise<T>;

export interface Acting {
  /** The name of what is under way, to show it busy and hold the rest back. */
  busy: string | null;
  problem: Problem | null;
  clear: () => void;
  /** Runs one act at a time; gives its answer, or null when it was refused. */
  run: <T>(name: string, act: Act<T>) => Promise<T | null>;
}

export function useActing(): Acting {
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  return {
    busy,
    problem,
    clear: () => {
      setProblem(null);
    },
    run: async (name, act) => {
      if (busy) return null;
      setBusy(name);
      setProblem(null);
      try {
        return await act();
      } catch (error) {
        if (!isProblem(error)) throw error;
        setProblem(error);
        return null;
      } finally {
        setBusy(null);
      }
    },
  };
}

async function shown<T extends Campaign | CampaignRow>(answer: Promise<T>): Promise<T> {
  const campaign = await answer;
  showCampaign(campaign);
  return campaign;
}

async function shownPiece(answer: Promise<Piece>): Promise<Piece> {
  const piece = await answer;
  showPiece(piece);
  return piece;
}

export const acts = {
  approveCampaign: (id: string) => shown(api.post<Campaign>(`${campaignKey(id)}/approve`)),
  cancelCampaign: (id: string) => shown(api.post<CampaignRow>(`${campaignKey(id)}/cancel`)),
  requestChanges: (id: string, comment: string, piece_ids: string[]) =>
    shown(api.post<Campaign>(`${campaignKey(id)}/request-changes`, { comment, piece_ids })),
  retryJob: (jobId: string) => api.post<ChangedJob>(`/jobs/${jobId}/retry`),
  approvePiece: (piece: Piece) => shownPiece(api.post<Piece>(`${pieceKey(piece)}/approve`)),
  editPiece: (piece: Piece, edit: PieceEdit) => shownPiece(api.patch<Piece>(pieceKey(piece), edit)),
  restoreVersion: (piece: Piece, version: number) =>
    shownPiece(api.post<Piece>(`${pieceKey(piece)}/versions/${String(version)}/restore`)),
  regeneratePiece: async (piece: Piece, instruction: string, idempotencyKey: string) => {
    const body = { instruction, version: piece.version };
    const answer = await api.post<Regenerated>(`${pieceKey(piece)}/regenerate`, body, { idempotencyKey });
    showPiece(answer.piece);
    return answer;
  },
};

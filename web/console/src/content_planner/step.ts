/** Which step a campaign is at, in words of ours: the API's message is English and meant for logs. */

import type { CampaignRow } from "../api/types";

export const PIECES = 5;

export type Step =
  | { key: "planner.step.queued" | "planner.step.starting" | "planner.step.finishing" }
  | { key: "planner.step.handing_over" | "planner.step.waiting" | "planner.step.stopping" }
  | { key: "planner.step.writing"; n: number };

export function stepOf(campaign: Pick<CampaignRow, "status" | "message" | "pieces_ready" | "engine">): Step {
  if (campaign.message.startsWith("Stopping")) return { key: "planner.step.stopping" };
  if (campaign.status === "pending") return { key: "planner.step.queued" };
  if (campaign.status === "waiting_callback") return { key: "planner.step.waiting" };
  if (campaign.message.startsWith("Handing over")) return { key: "planner.step.handing_over" };
  if (campaign.pieces_ready >= PIECES) return { key: "planner.step.finishing" };
  if (campaign.pieces_ready === 0 && campaign.message === "") return { key: "planner.step.starting" };
  return { key: "planner.step.writing", n: campaign.pieces_ready + 1 };
}

/** Seconds left, from the pace so far; null while there is no pace to go by. */
export function secondsLeft(startedAt: string | null, piecesReady: number, lastPieceAt: number, now: number): number | null {
  if (!startedAt || piecesReady === 0 || piecesReady >= PIECES) return null;
  const perPiece = (lastPieceAt - Date.parse(startedAt)) / piecesReady;
  // The clocks of this machine and of the platform may differ; a pace that can't be true is not told.
  if (!(perPiece > 0) || perPiece > 600_000) return null;
  return Math.max(1, Math.round((perPiece * (PIECES - piecesReady) - (now - lastPieceAt)) / 1000));
}

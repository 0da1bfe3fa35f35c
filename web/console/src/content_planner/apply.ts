/** How an event changes what is already on screen. Pure: data in, data out, the same object when nothing changed. */

import type { CalendarPiece, Campaign, CampaignRow, Campaigns, Calendar, Piece } from "../api/types";
import { localTime, monthOf } from "./month";

export interface PieceReady {
  campaign_id: string;
  piece: Piece;
  progress: number;
  message: string;
}

export type PlannerEvent = { kind: "row"; row: CampaignRow } | { kind: "piece"; ready: PieceReady };

const MAKING = new Set(["pending", "in_progress", "waiting_callback"]);
const NOT_PLANNED = new Set(["failed", "cancelled"]);

export function isMaking(status: string): boolean {
  return MAKING.has(status);
}

export function eventOf(name: string, data: unknown): PlannerEvent | null {
  if (typeof data !== "object" || data === null) return null;
  if (name === "campaign.piece_ready") return { kind: "piece", ready: data as PieceReady };
  return "status" in data && "id" in data ? { kind: "row", row: data as CampaignRow } : null;
}

export function applyToCampaign(campaign: Campaign, event: PlannerEvent): Campaign {
  if (event.kind === "row") {
    return event.row.id === campaign.id ? { ...campaign, ...event.row, pieces: campaign.pieces } : campaign;
  }
  const { campaign_id, piece, progress, message } = event.ready;
  if (campaign_id !== campaign.id) return campaign;
  const pieces = withPiece(campaign.pieces, piece);
  if (pieces === campaign.pieces) return campaign;
  const making = isMaking(campaign.status);
  return {
    ...campaign,
    pieces,
    pieces_ready: Math.max(campaign.pieces_ready, pieces.length),
    ...(making && progress >= campaign.progress ? { progress, message } : {}),
  };
}

/** An older version never replaces a newer one, whatever order answers and events come in. */
export function withPiece(pieces: Piece[], piece: Piece): Piece[] {
  const known = pieces.find((other) => other.id === piece.id);
  if (known && known.version > piece.version) return pieces;
  const rest = pieces.filter((other) => other.id !== piece.id);
  return [...rest, piece].sort((a, b) => a.position - b.position);
}

export interface ListFilter {
  month: string | null;
  status: string | null;
}

export function applyToList(list: Campaigns, filter: ListFilter, event: PlannerEvent): Campaigns {
  if (event.kind === "row") return withRow(list, filter, event.row);
  const { campaign_id, progress, message } = event.ready;
  const row = list.items.find((item) => item.id === campaign_id);
  if (!row || !isMaking(row.status) || progress < row.progress) return list;
  const ready = Math.max(row.pieces_ready, event.ready.piece.position);
  return replaceRow(list, { ...row, progress, message, pieces_ready: ready });
}

function withRow(list: Campaigns, filter: ListFilter, row: CampaignRow): Campaigns {
  const matches = (!filter.month || row.month === filter.month) && (!filter.status || row.status === filter.status);
  const known = list.items.some((item) => item.id === row.id);
  if (!matches) return known ? { ...list, items: list.items.filter((item) => item.id !== row.id) } : list;
  if (known) return replaceRow(list, row);
  const last = list.items[list.items.length - 1];
  // Older than what is loaded: it comes with its own page.
  if (list.next_cursor && last && row.id < last.id) return list;
  return { ...list, items: [...list.items, row].sort((a, b) => (a.id < b.id ? 1 : -1)) };
}

function replaceRow(list: Campaigns, row: CampaignRow): Campaigns {
  return { ...list, items: list.items.map((item) => (item.id === row.id ? row : item)) };
}

export function applyToCalendar(calendar: Calendar, event: PlannerEvent, zone: string): Calendar {
  if (event.kind === "row") return withCampaignStatus(calendar, event.row);
  const { piece } = event.ready;
  const known = calendar.items.find((item) => item.id === piece.id);
  if (known && known.version > piece.version) return calendar;
  const sibling = known ?? calendar.items.find((item) => item.campaign_id === piece.campaign_id);
  const rest = calendar.items.filter((item) => item.id !== piece.id);
  if (monthOf(localTime(piece.scheduled_for, zone).day) !== calendar.month) {
    return known ? { ...calendar, items: rest } : calendar;
  }
  const item: CalendarPiece = { ...piece, campaign_status: sibling?.campaign_status ?? "in_progress" };
  return { ...calendar, items: inOrder([...rest, item]) };
}

function withCampaignStatus(calendar: Calendar, row: CampaignRow): Calendar {
  if (!calendar.items.some((item) => item.campaign_id === row.id)) return calendar;
  if (NOT_PLANNED.has(row.status)) {
    return { ...calendar, items: calendar.items.filter((item) => item.campaign_id !== row.id) };
  }
  const items = calendar.items.map((item) =>
    item.campaign_id === row.id ? { ...item, campaign_status: row.status } : item,
  );
  return { ...calendar, items };
}

function inOrder(items: CalendarPiece[]): CalendarPiece[] {
  return items.sort((a, b) => Date.parse(a.scheduled_for) - Date.parse(b.scheduled_for) || (a.id < b.id ? -1 : 1));
}

/** The planner's events, applied to whatever of it is cached: lists, campaigns with their pieces, calendar months. */

import type { Calendar, Campaign, CampaignRow, Campaigns, Me, Piece } from "../api/types";
import { mutateCached } from "../realtime/cache";
import { onEvent } from "../realtime/events";
import { applyToCalendar, applyToCampaign, applyToList, eventOf } from "./apply";
import type { PlannerEvent } from "./apply";
import { CALENDAR, CAMPAIGNS, campaignKey, filterOf } from "./keys";

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function spread(event: PlannerEvent): void {
  const id = event.kind === "row" ? event.row.id : event.ready.campaign_id;
  // Only looks: the calendar's month is the client's, whose zone is with its account.
  mutateCached<Me>("/auth/me", (me) => {
    zone = me.time_zone;
    return me;
  });
  mutateCached<Campaign>(campaignKey(id), (campaign) => applyToCampaign(campaign, event));
  mutateCached<Campaigns>(isList, (list, key) => applyToList(list, filterOf(key), event));
  mutateCached<Calendar>(isCalendar, (calendar) => applyToCalendar(calendar, event, zone));
}

/** The answer to what was done here, shown before its event comes. */
export function showPiece(piece: Piece): void {
  // Progress below nought: a review's answer says nothing about how far the making is.
  spread({ kind: "piece", ready: { campaign_id: piece.campaign_id, piece, progress: -1, message: "" } });
}

export function showCampaign(answer: Campaign | CampaignRow): void {
  const { pieces, ...row } = { pieces: [] as Piece[], ...answer };
  spread({ kind: "row", row });
  pieces.forEach(showPiece);
}

function isList(key: string): boolean {
  return key === CAMPAIGNS || key.startsWith(`${CAMPAIGNS}?`);
}

function isCalendar(key: string): boolean {
  return key.startsWith(`${CALENDAR}?`);
}

onEvent("campaign.", ({ event, data }) => {
  const known = eventOf(event, data);
  if (known) spread(known);
});

/** The planner's addresses, which are its keys in the cache. */

import type { ListFilter } from "./apply";

export const CAMPAIGNS = "/content-planner/campaigns";
export const CALENDAR = "/content-planner/calendar";
export const ENGINE = "/content-planner/engine";
export const LAUNCH = "/content-planner/launch-monthly-campaign";

export function campaignKey(id: string): string {
  return `${CAMPAIGNS}/${id}`;
}

export function pieceKey(piece: { campaign_id: string; id: string }): string {
  return `${campaignKey(piece.campaign_id)}/pieces/${piece.id}`;
}

export function filterOf(key: string): ListFilter {
  const query = new URLSearchParams(key.split("?")[1] ?? "");
  return { month: query.get("month"), status: query.get("status") };
}

import { describe, expect, it } from "vitest";
import type { Calendar, Campaign, CampaignRow, Campaigns, Piece } from "../api/types";
import { applyToCalendar, applyToCampaign, applyToList, eventOf } from "./apply";

const piece = (position: number, change: Partial<Piece> = {}): Piece => ({
  id: `p${String(position)}`,
  campaign_id: "c1",
  kind: position === 5 ? "reel" : "post",
  position,
  platform: "instagram",
  theme: "mar",
  text: "Hola",
  hashtags: [],
  media_brief: "",
  script: null,
  scheduled_for: `2027-01-${String(position * 5).padStart(2, "0")}T11:00:00Z`,
  version: 1,
  status: "draft",
  warnings: [],
  limits: { max_chars: 2200, max_hashtags: 5, chars: 4 },
  engine: "template",
  ...change,
});

const row = (change: Partial<CampaignRow> = {}): CampaignRow => ({
  id: "c1",
  month: "2027-01",
  tone_of_voice: "cercano",
  themes: ["mar"],
  target_platforms: ["instagram"],
  language: "es",
  campaign_metadata: {},
  status: "in_progress",
  engine: "template",
  progress: 0,
  pieces_ready: 0,
  message: "",
  job_id: "j1",
  error: null,
  review_comment: null,
  created_at: "2026-11-23T10:00:00Z",
  started_at: null,
  completed_at: null,
  deadline_at: "2026-11-23T10:30:00Z",
  ...change,
});

const ready = (made: Piece, progress = made.position * 19) =>
  ({ kind: "piece", ready: { campaign_id: made.campaign_id, piece: made, progress, message: "" } }) as const;
const campaign: Campaign = { ...row(), pieces: [] };

describe("a campaign on screen", () => {
  it("fills in piece by piece, in order, whatever order they come in", () => {
    const shown = [piece(2), piece(1), piece(2)].reduce((now, made) => applyToCampaign(now, ready(made)), campaign);
    expect(shown.pieces.map(({ id }) => id)).toEqual(["p1", "p2"]);
    expect([shown.pieces_ready, shown.progress]).toEqual([2, 38]);
  });

  it("keeps the newer version when an older one comes late", () => {
    const edited = applyToCampaign({ ...campaign, pieces: [piece(1, { version: 3, text: "nuevo" })] }, ready(piece(1)));
    expect(edited.pieces[0]?.text).toBe("nuevo");
  });

  it("takes its own state and leaves its pieces", () => {
    const shown = applyToCampaign({ ...campaign, pieces: [piece(1)] }, { kind: "row", row: row({ status: "approved" }) });
    expect([shown.status, shown.pieces.length]).toEqual(["approved", 1]);
  });

  it("does not move its progress for a piece changed in review", () => {
    const review = { ...campaign, status: "review_ready", progress: 100, pieces: [piece(1)] } as Campaign;
    expect(applyToCampaign(review, ready(piece(1, { version: 2 }), 19)).progress).toBe(100);
  });

  it("is untouched by another's events", () => {
    expect(applyToCampaign(campaign, ready(piece(1, { campaign_id: "c2" })))).toBe(campaign);
    expect(applyToCampaign(campaign, { kind: "row", row: row({ id: "c2" }) })).toBe(campaign);
  });
});

describe("a list of campaigns", () => {
  const list: Campaigns = { items: [row({ id: "c3" }), row({ id: "c1" })], next_cursor: "more" };
  const all = { month: null, status: null };

  it("shows a new campaign first", () => {
    const shown = applyToList(list, all, { kind: "row", row: row({ id: "c4" }) });
    expect(shown.items.map(({ id }) => id)).toEqual(["c4", "c3", "c1"]);
  });

  it("leaves an older one to its own page", () => {
    expect(applyToList(list, all, { kind: "row", row: row({ id: "c0" }) })).toBe(list);
    const whole = { ...list, next_cursor: null };
    expect(applyToList(whole, all, { kind: "row", row: row({ id: "c0" }) }).items).toHaveLength(3);
  });

  it("keeps to its filter", () => {
    const waiting: Campaigns = { items: [row({ status: "review_ready" })], next_cursor: null };
    const filter = { month: null, status: "review_ready" };
    expect(applyToList(waiting, filter, { kind: "row", row: row({ status: "approved" }) }).items).toEqual([]);
    expect(applyToList(waiting, filter, { kind: "row", row: row({ id: "c9", month: "2027-02" }) })).toBe(waiting);
  });

  it("moves a row on with each piece and never back", () => {
    const shown = applyToList(list, all, ready(piece(3)));
    expect(shown.items[1]).toMatchObject({ progress: 57, pieces_ready: 3 });
    expect(applyToList(shown, all, ready(piece(1)))).toBe(shown);
  });
});

describe("a calendar month", () => {
  const calendar: Calendar = { month: "2027-01", items: [{ ...piece(1), campaign_status: "review_ready" }] };

  it("gains pieces in order of time", () => {
    const shown = [piece(3), piece(2)].reduce((now, made) => applyToCalendar(now, ready(made), "UTC"), calendar);
    expect(shown.items.map(({ id }) => id)).toEqual(["p1", "p2", "p3"]);
    expect(shown.items[1]?.campaign_status).toBe("review_ready");
  });

  it("lets go of a piece that left the month, as the client's zone counts it", () => {
    const moved = piece(1, { scheduled_for: "2027-01-31T23:30:00Z" });
    expect(applyToCalendar(calendar, ready(moved), "UTC").items).toHaveLength(1);
    expect(applyToCalendar(calendar, ready(moved), "Europe/Madrid").items).toHaveLength(0);
  });

  it("drops the pieces of a cancelled campaign and follows an approved one", () => {
    expect(applyToCalendar(calendar, { kind: "row", row: row({ status: "cancelled" }) }, "UTC").items).toEqual([]);
    const shown = applyToCalendar(calendar, { kind: "row", row: row({ status: "approved" }) }, "UTC");
    expect(shown.items[0]?.campaign_status).toBe("approved");
  });
});

describe("eventOf", () => {
  it("tells pieces from campaigns and lets other things be", () => {
    expect(eventOf("campaign.progress", row())?.kind).toBe("row");
    expect(eventOf("campaign.piece_ready", ready(piece(1)).ready)?.kind).toBe("piece");
    expect(eventOf("campaign.progress", null)).toBeNull();
    expect(eventOf("campaign.progress", { other: 1 })).toBeNull();
  });
});

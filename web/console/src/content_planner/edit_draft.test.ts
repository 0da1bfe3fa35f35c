import { describe, expect, it } from "vitest";
import type { Piece } from "../api/types";
import { draftOf, editOf, faultsOfEdit, isChanged, isOtherContent, rebase } from "./edit_draft";

const ZONE = "Europe/Madrid";
const piece = (change: Partial<Piece> = {}): Piece => ({
  id: "p1",
  campaign_id: "c1",
  kind: "reel",
  position: 5,
  platform: "instagram",
  theme: "mar",
  text: "Hola",
  hashtags: ["#mar"],
  media_brief: "Olas",
  script: { hook: "Mira", shots: [{ seconds: 3, visual: "Olas", voice: "" }], caption: "Hola" },
  scheduled_for: "2027-01-15T11:00:00Z",
  version: 1,
  status: "draft",
  warnings: [],
  limits: { max_chars: 2200, max_hashtags: 5, chars: 10 },
  engine: "template",
  ...change,
});
const draft = draftOf(piece(), ZONE);

describe("an edit", () => {
  it("begins unchanged, in the client's own time", () => {
    expect(draft).toMatchObject({ day: "2027-01-15", time: "12:00" });
    expect(isChanged(draft, piece(), ZONE)).toBe(false);
    expect(editOf(draft, piece(), ZONE)).toEqual({ version: 1 });
  });

  it("sends only what differs", () => {
    expect(editOf({ ...draft, text: "Adiós" }, piece(), ZONE)).toEqual({ version: 1, text: "Adiós" });
    expect(editOf({ ...draft, time: "18:30" }, piece(), ZONE)).toEqual({
      version: 1,
      scheduled_for: "2027-01-15T17:30:00Z",
    });
  });

  it("keeps what was typed on a newer version and takes the rest from it", () => {
    const fresh = piece({ version: 2, text: "Otro", hashtags: ["#sol"] });
    const mine = rebase({ ...draft, text: "Mío" }, piece(), fresh, ZONE);
    expect([mine.text, mine.hashtags]).toEqual(["Mío", ["#sol"]]);
    expect(editOf(mine, fresh, ZONE)).toEqual({ version: 2, text: "Mío" });
  });

  it("tells another's words from a moved date or an approval", () => {
    expect(isOtherContent(piece(), piece({ version: 2, text: "Otro" }))).toBe(true);
    expect(isOtherContent(piece(), piece({ status: "approved" }))).toBe(false);
    expect(isOtherContent(piece(), piece({ scheduled_for: "2027-01-16T11:00:00Z" }))).toBe(false);
  });

  it("is refused as the API refuses it", () => {
    expect(faultsOfEdit(draft, "2027-01")).toEqual({});
    expect(faultsOfEdit({ ...draft, day: "2027-02-01" }, "2027-01")).toEqual({ when: "out_of_month" });
    expect(faultsOfEdit({ ...draft, time: "" }, "2027-01")).toEqual({ when: "bad_time" });
    expect(faultsOfEdit({ ...draft, text: " " }, "2027-01")).toEqual({ text: "required" });
    const shots = [{ seconds: 0, visual: "", voice: "" }];
    const script = { hook: "", shots, caption: "a" };
    expect(faultsOfEdit({ ...draft, script }, "2027-01")).toEqual({
      hook: "required",
      "visual-0": "required",
      "seconds-0": "seconds",
    });
  });
});

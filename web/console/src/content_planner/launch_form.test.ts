import { describe, expect, it } from "vitest";
import { emptyForm, faultsOf, monthChoices, validate } from "./launch_form";

const NOW = new Date("2026-11-23T10:00:00Z");
const filled = {
  ...emptyForm("Europe/Madrid", "es", NOW),
  tone_of_voice: "cercano",
  themes: ["Panadería de barrio"],
};

describe("the launch form", () => {
  it("begins with next month in the client's zone", () => {
    expect(emptyForm("UTC", "es", new Date("2026-12-31T23:30:00Z")).month).toBe("2027-01");
    expect(emptyForm("Europe/Madrid", "es", new Date("2026-12-31T23:30:00Z")).month).toBe("2027-02");
  });

  it("offers this month and 24 ahead", () => {
    const months = monthChoices("UTC", NOW);
    expect([months[0], months.at(-1), months.length]).toEqual(["2026-11", "2028-11", 25]);
  });

  it("finds nothing wrong with a filled form", () => {
    expect(validate(filled, "Europe/Madrid", NOW)).toEqual({});
  });

  it("refuses what the API refuses", () => {
    const wrong = (change: Partial<typeof filled>) => validate({ ...filled, ...change }, "UTC", NOW);
    expect(wrong({ month: "2026-10" })).toEqual({ month: { code: "month_range" } });
    expect(wrong({ month: "2028-12" })).toEqual({ month: { code: "month_range" } });
    expect(wrong({ tone_of_voice: "  " })).toEqual({ tone_of_voice: { code: "required" } });
    expect(wrong({ tone_of_voice: "a".repeat(101) })).toEqual({ tone_of_voice: { code: "too_long", max: 100 } });
    expect(wrong({ themes: [] })).toEqual({ themes: { code: "themes_none" } });
    expect(wrong({ themes: ["Mar", "mar"] })).toEqual({ themes: { code: "repeated" } });
    expect(wrong({ themes: ["a".repeat(121)] })).toEqual({ themes: { code: "too_long", max: 120 } });
    expect(wrong({ themes: Array.from({ length: 11 }, (_, n) => `t${n}`) }).themes?.code).toBe("themes_many");
    expect(wrong({ target_platforms: [] }).target_platforms?.code).toBe("platforms_none");
  });

  it("puts the API's errors at their fields", () => {
    expect(faultsOf([{ loc: ["body", "themes", "0"], msg: "too long" }])).toEqual({
      themes: { code: "server", text: "too long" },
    });
    expect(faultsOf([{ loc: ["body.month"], msg: "in the past" }])).toEqual({
      month: { code: "server", text: "in the past" },
    });
    expect(faultsOf([{ loc: ["body"], msg: "?" }])).toEqual({});
  });
});

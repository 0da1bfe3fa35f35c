import { describe, expect, test } from "vitest";
import { default as english } from "../messages/en";
import { default as spanish } from "../messages/es";
import { makeFormat } from "./format";

describe("dates and figures", () => {
  const madrid = makeFormat("es", "Europe/Madrid");
  const london = makeFormat("en", "Europe/London");

  test("are in the client's time zone and language", () => {
    expect(madrid.time("2026-11-23T23:30:00Z")).toBe("00:30");
    expect(london.time("2026-11-23T23:30:00Z")).toBe("23:30");
    expect(madrid.month("2026-12")).toBe("Diciembre de 2026");
    expect(london.month("2026-12")).toBe("December 2026");
    expect(madrid.number(10_000)).toBe("10.000");
  });

  test("an unknown zone is no reason to fail", () => {
    expect(makeFormat("es", "Nowhere/Land").date("2026-11-23T12:00:00Z")).toContain("2026");
  });

  test("tell what costs a fraction of a cent from what costs nothing", () => {
    expect(london.usd(0.00001834)).toBe("US$0.000018");
    expect(london.usd(0)).toBe("US$0.00");
    expect(london.usd(12.4)).toBe("US$12.40");
    expect(madrid.usd(0.00001834)).toContain("0,000018");
  });

  test("say how long ago and how long", () => {
    const now = Date.parse("2026-11-23T12:00:00Z");
    expect(london.relative("2026-11-23T11:58:00Z", now)).toBe("2 minutes ago");
    expect(madrid.relative("2026-11-24T12:00:00Z", now)).toBe("mañana");
    expect(london.duration(320)).toBe("320ms");
    expect(london.duration(200_000)).toBe("3m 20s");
    expect([0, 59_999, 60_000, 7_300_000, 200_000_000].map(london.age)).toEqual(["0s", "59s", "1m", "2h", "2d"]);
  });
});

describe("the two languages", () => {
  const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

  test("have the same keys, none empty, with the same places to fill", () => {
    expect(Object.keys(spanish).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english)) {
      const other = spanish[key as keyof typeof spanish];
      expect(other.trim(), key).not.toBe("");
      expect(holes(other), key).toEqual(holes(text));
    }
  });
});

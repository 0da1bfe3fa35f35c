import { describe, expect, it } from "vitest";
import { addDays, addMonths, daysOf, instantOf, isMonth, localTime, moveToDay, today, weeksOf } from "./month";

describe("months", () => {
  it("go on and back over the turn of the year", () => {
    expect(addMonths("2026-12", 1)).toBe("2027-01");
    expect(addMonths("2027-01", -1)).toBe("2026-12");
    expect(addMonths("2026-11", 24)).toBe("2028-11");
  });

  it("have whole weeks that begin on Monday", () => {
    const weeks = weeksOf("2027-01");
    expect(weeks[0]).toEqual([
      "2026-12-28",
      "2026-12-29",
      "2026-12-30",
      "2026-12-31",
      "2027-01-01",
      "2027-01-02",
      "2027-01-03",
    ]);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks.flat()).toContain("2027-01-31");
    expect(weeksOf("2027-02")).toHaveLength(4);
    expect(weeksOf("2026-08")).toHaveLength(6);
  });

  it("have their own days only, the leap day included", () => {
    expect(daysOf("2028-02")).toHaveLength(29);
    expect(daysOf("2027-02")[0]).toBe("2027-02-01");
  });

  it("are told from other words", () => {
    expect(isMonth("2027-12")).toBe(true);
    expect(isMonth("2027-13")).toBe(false);
    expect(isMonth("1999-01")).toBe(false);
    expect(isMonth(null)).toBe(false);
  });
});

describe("days", () => {
  it("are counted across months", () => {
    expect(addDays("2027-01-31", 1)).toBe("2027-02-01");
    expect(addDays("2027-03-01", -1)).toBe("2027-02-28");
  });

  it("are the client's: the same instant is another day elsewhere", () => {
    const instant = new Date("2026-12-31T23:30:00Z");
    expect(today("Europe/Madrid", instant)).toBe("2027-01-01");
    expect(today("America/Mexico_City", instant)).toBe("2026-12-31");
  });
});

describe("wall clock and instant", () => {
  it("are each other's way back, in every zone and season", () => {
    const zones = ["UTC", "Europe/Madrid", "America/Mexico_City", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati"];
    for (const zone of zones) {
      for (const local of [
        { day: "2027-01-15", time: "09:00" },
        { day: "2027-07-15", time: "23:59" },
        { day: "2027-03-28", time: "00:30" },
      ]) {
        expect(localTime(instantOf(local, zone), zone)).toEqual(local);
      }
    }
    expect(instantOf({ day: "2027-01-15", time: "12:00" }, "Europe/Madrid")).toBe("2027-01-15T11:00:00Z");
  });

  it("keep the hour when a piece moves over a clock change", () => {
    expect(moveToDay("2027-03-26T11:00:00Z", "2027-03-29", "Europe/Madrid")).toBe("2027-03-29T10:00:00Z");
  });

  it("an hour that the clocks skip lands beside it, on the same day", () => {
    const skipped = instantOf({ day: "2027-03-28", time: "02:30" }, "Europe/Madrid");
    expect(localTime(skipped, "Europe/Madrid").day).toBe("2027-03-28");
  });
});

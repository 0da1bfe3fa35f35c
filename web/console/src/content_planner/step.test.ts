import { describe, expect, it } from "vitest";
import { secondsLeft, stepOf } from "./step";

const at = (change: Partial<Parameters<typeof stepOf>[0]>) =>
  stepOf({ status: "in_progress", message: "", pieces_ready: 0, engine: "template", ...change });

describe("stepOf", () => {
  it("names where the making is", () => {
    expect(at({ status: "pending" })).toEqual({ key: "planner.step.queued" });
    expect(at({})).toEqual({ key: "planner.step.starting" });
    expect(at({ message: "Writing piece 1 of 5" })).toEqual({ key: "planner.step.writing", n: 1 });
    expect(at({ pieces_ready: 3 })).toEqual({ key: "planner.step.writing", n: 4 });
    expect(at({ pieces_ready: 5 })).toEqual({ key: "planner.step.finishing" });
    expect(at({ message: "Stopping", pieces_ready: 2 })).toEqual({ key: "planner.step.stopping" });
    expect(at({ status: "waiting_callback" })).toEqual({ key: "planner.step.waiting" });
  });
});

describe("secondsLeft", () => {
  const start = "2026-11-23T10:00:00Z";
  const after = (seconds: number) => Date.parse(start) + seconds * 1000;

  it("goes by the pace so far and counts down between pieces", () => {
    expect(secondsLeft(start, 2, after(20), after(20))).toBe(30);
    expect(secondsLeft(start, 2, after(20), after(24))).toBe(26);
    expect(secondsLeft(start, 2, after(20), after(90))).toBe(1);
  });

  it("says nothing before the first piece, after the last, or when clocks disagree", () => {
    expect(secondsLeft(start, 0, after(5), after(5))).toBeNull();
    expect(secondsLeft(start, 5, after(5), after(5))).toBeNull();
    expect(secondsLeft(null, 1, after(5), after(5))).toBeNull();
    expect(secondsLeft(start, 1, after(-5), after(0))).toBeNull();
  });
});

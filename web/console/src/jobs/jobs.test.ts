import { describe, expect, test } from "vitest";
import type { Job, JobDetail, Jobs } from "../api/types";
import { applyToList, filterOf } from "./lists";
import { applyJob, isOlder } from "./steps";

function job(change: Partial<Job> = {}): Job {
  return {
    id: "02",
    type: "content_planner.create_campaign",
    state: "queued",
    progress: 0,
    message: "",
    attempts: 0,
    max_attempts: 5,
    result: null,
    error: null,
    subject: { kind: "campaign", id: "c1" },
    cancel_requested: false,
    created_at: "2026-11-23T00:00:00Z",
    started_at: null,
    finished_at: null,
    deadline_at: "2026-11-23T01:00:00Z",
    next_attempt_at: null,
    cost_usd: null,
    ...change,
  };
}

const list = (items: Job[], counts: Jobs["counts"], next: string | null = null): Jobs => ({ items, counts, next_cursor: next });
const all = filterOf("/jobs?limit=50");

describe("a list of jobs", () => {
  test("a new job comes first and is counted", () => {
    const after = applyToList(list([job({ id: "01" })], { queued: 1 }), all, job(), null);
    expect(after.items.map(({ id }) => id)).toEqual(["02", "01"]);
    expect(after.counts).toEqual({ queued: 2 });
  });

  test("a change keeps the row in its place and moves the count", () => {
    const after = applyToList(list([job({ id: "03" }), job()], { queued: 2 }), all, job({ state: "running", attempts: 1 }), "queued");
    expect(after.items.map(({ state }) => state)).toEqual(["queued", "running"]);
    expect(after.counts).toEqual({ queued: 1, running: 1 });
  });

  test("a filtered list loses what no longer fits and gains what now does", () => {
    const running = filterOf("/jobs?state=running&limit=50");
    const gained = applyToList(list([], { queued: 1 }), running, job({ state: "running" }), "queued");
    expect(gained.items).toHaveLength(1);
    const lost = applyToList(gained, running, job({ state: "succeeded" }), "running");
    expect(lost.items).toHaveLength(0);
    expect(lost.counts).toEqual({ queued: 0, running: 0, succeeded: 1 });
  });

  test("a job from before the loaded part stays out, and an older event changes nothing", () => {
    const loaded = list([job({ id: "05", attempts: 2, state: "running", progress: 40 })], { running: 1 }, "more");
    expect(applyToList(loaded, all, job({ id: "01" }), null)).toBe(loaded);
    expect(applyToList(loaded, all, job({ id: "05", attempts: 1, state: "retrying" }), "running")).toBe(loaded);
  });
});

describe("a job's steps", () => {
  const shown: JobDetail = { ...job({ state: "running", attempts: 1 }), steps: [] };

  test("begin by their message, end by the progress", () => {
    const begun = applyJob(shown, job({ state: "running", attempts: 1, message: "Writing piece 1 of 5" }), "t1");
    expect(begun.steps).toEqual([{ name: "piece-1", state: "started", attempt: 1, started_at: "t1", finished_at: null }]);
    const ended = applyJob(begun, job({ state: "running", attempts: 1, progress: 19, message: "Writing piece 1 of 5" }), "t2");
    expect(ended.steps).toEqual([{ name: "piece-1", state: "done", attempt: 1, started_at: "t1", finished_at: "t2" }]);
    const next = applyJob(ended, job({ state: "running", attempts: 1, progress: 19, message: "Writing piece 2 of 5" }), "t3");
    expect(next.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(["piece-1 done", "piece-2 started"]);
  });

  test("an interrupted step begins again with the new attempt", () => {
    const steps: JobDetail["steps"] = [{ name: "piece-2", state: "started", attempt: 1, started_at: "t1", finished_at: null }];
    const again = applyJob({ ...shown, steps }, job({ state: "running", attempts: 2, message: "Writing piece 2 of 5" }), "t9");
    expect(again.steps).toEqual([{ name: "piece-2", state: "started", attempt: 2, started_at: "t9", finished_at: null }]);
  });

  test("an event of an earlier attempt, or of less progress, is older", () => {
    expect(isOlder(job({ attempts: 1 }), job({ attempts: 2 }))).toBe(true);
    expect(isOlder(job({ state: "running", progress: 19 }), job({ state: "running", progress: 38 }))).toBe(true);
    expect(isOlder(job({ state: "queued", attempts: 1 }), job({ state: "failed", attempts: 1 }))).toBe(false);
  });
});

import { describe, expect, test } from "vitest";
import { applyToList, filterOf, withPage } from "./lists";
import { job, list } from "./samples.testing";

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

  test("a change keeps what only the list knows: whose it is", () => {
    const owner = { id: "u1", email: "a@b.example" };
    const after = applyToList(list([job({ owner })], { queued: 1 }), all, job({ state: "running", attempts: 1 }), "queued");
    expect(after.items[0]?.owner).toEqual(owner);
  });

  test("a filtered list loses what no longer fits and gains what now does", () => {
    const running = filterOf("/jobs?state=running&limit=50");
    const gained = applyToList(list([], { queued: 1 }), running, job({ state: "running" }), "queued");
    expect(gained.items).toHaveLength(1);
    const lost = applyToList(gained, running, job({ state: "succeeded" }), "running");
    expect(lost.items).toHaveLength(0);
    expect(lost.counts).toEqual({ queued: 0, running: 0, succeeded: 1 });
  });

  test("a list of one type or queue stays of it, and its counts are of all jobs", () => {
    const urgent = filterOf("/jobs?queue=content_planner_urgent&limit=50");
    const after = applyToList(list([], { queued: 1 }), urgent, job({ id: "09" }), null);
    expect(after.items).toHaveLength(0);
    expect(after.counts).toEqual({ queued: 2 });
    expect(applyToList(list([], {}), urgent, job({ queue: "content_planner_urgent" }), null).items).toHaveLength(1);
    const rewrites = filterOf("/jobs?type=content_planner.regenerate_piece");
    expect(applyToList(list([], {}), rewrites, job(), null).items).toHaveLength(0);
  });

  test("a part of another job is no row and no count, except in that job's own list", () => {
    const before = list([job()], { queued: 1 });
    const part = job({ id: "03", parent_id: "02", state: "running", attempts: 1 });
    expect(applyToList(before, all, part, null)).toBe(before);
    const parts = applyToList(list([], {}), filterOf("/jobs?parent_id=02"), part, null);
    expect(parts.items.map(({ id }) => id)).toEqual(["03"]);
    expect(applyToList(list([], {}), filterOf("/jobs?parent_id=02"), job(), null).items).toHaveLength(0);
  });

  test("a search is the server's to judge: rows change, none is added", () => {
    const found = filterOf("/jobs?q=camp&limit=50");
    expect(applyToList(list([], { queued: 1 }), found, job({ id: "07" }), null).items).toHaveLength(0);
    const changed = applyToList(list([job()], { queued: 1 }), found, job({ state: "running", attempts: 1 }), "queued");
    expect(changed.items[0]?.state).toBe("running");
  });

  test("a job from before the loaded part stays out, and an older event changes nothing", () => {
    const loaded = list([job({ id: "05", attempts: 2, state: "running", progress: 40 })], { running: 1 }, "more");
    expect(applyToList(loaded, all, job({ id: "01", attempts: 1, state: "running" }), null)).toBe(loaded);
    expect(applyToList(loaded, all, job({ id: "05", attempts: 1, state: "retrying" }), "running")).toBe(loaded);
  });

  test("the next page joins at the end, and what came meanwhile is there once", () => {
    const shown = list([job({ id: "05" }), job({ id: "04" })], { queued: 3 }, "more");
    const joined = withPage(shown, list([job({ id: "04" }), job({ id: "03" })], { queued: 9 }));
    expect(joined.items.map(({ id }) => id)).toEqual(["05", "04", "03"]);
    expect(joined.next_cursor).toBeNull();
    expect(joined.counts).toEqual({ queued: 3 });
  });
});

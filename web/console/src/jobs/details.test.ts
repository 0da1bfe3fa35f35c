import { describe, expect, test } from "vitest";
import { applyJob, isOlder } from "./details";
import { attempt, detail, effect, job, step } from "./samples.testing";

const running = { state: "running", attempts: 1 } as const;

describe("the job on screen", () => {
  test("gains a step when it begins and closes it when it is done, by the event's own time", () => {
    const begun = applyJob(detail(running), { ...job(running), step: { name: "piece-1", state: "started", attempt: 1 } }, "t1");
    expect(begun.steps).toEqual([{ name: "piece-1", state: "started", attempt: 1, started_at: "t1", finished_at: null }]);
    const done = applyJob(begun, { ...job(running), progress: 19, step: { name: "piece-1", state: "done", attempt: 1 } }, "t2");
    expect(done.steps).toEqual([{ name: "piece-1", state: "done", attempt: 1, started_at: "t1", finished_at: "t2" }]);
    expect(done.progress).toBe(19);
  });

  test("told again, a finished step stays finished", () => {
    const shown = detail({ ...running, steps: [step({ state: "done", finished_at: "t2" })] });
    const after = applyJob(shown, { ...job(running), step: { name: "write", state: "started", attempt: 1 } }, "t3");
    expect(after.steps).toBe(shown.steps);
  });

  test("an interrupted step begins again with the new attempt", () => {
    const shown = detail({ ...running, steps: [step({ started_at: "t1" })] });
    const again = applyJob(shown, { ...job({ state: "running", attempts: 2 }), step: { name: "write", state: "started", attempt: 2 } }, "t9");
    expect(again.steps).toEqual([step({ attempt: 2, started_at: "t9" })]);
  });

  test("an effect goes forward only: sent never follows confirmed", () => {
    const sent = applyJob(detail(running), { ...job(running), effect: effect({ state: "sent" }) }, "t1");
    const confirmed = applyJob(sent, { ...job(running), effect: effect({ state: "confirmed", result: { id: 7 } }) }, "t2");
    expect(confirmed.effects.map(({ state }) => state)).toEqual(["confirmed"]);
    expect(applyJob(confirmed, { ...job(running), effect: effect({ state: "sent" }) }, "t3").effects).toBe(confirmed.effects);
    const round = applyJob(confirmed, { ...job(running), effect: effect({ key: "02/hand-off/2" }) }, "t4");
    expect(round.effects).toHaveLength(2);
  });

  test("an ended attempt is recorded once", () => {
    const ended = applyJob(detail(running), { ...job({ state: "retrying", attempts: 1 }), attempt: attempt() }, "t1");
    const twice = applyJob(ended, { ...job({ state: "retrying", attempts: 1 }), attempt: attempt() }, "t1");
    expect(twice.history).toEqual([attempt()]);
    expect(twice.state).toBe("retrying");
    expect(twice).not.toHaveProperty("attempt");
  });

  test("a part of it changes in its parent", () => {
    const part = job({ id: "03", parent_id: "02", state: "running", attempts: 1, message: "Writing piece 1 of 5" });
    const begun = applyJob(detail(), part, "t1");
    expect(begun.children.map(({ id, state }) => `${id} ${state}`)).toEqual(["03 running"]);
    expect(begun.children_total).toBe(1);
    const done = applyJob(begun, { ...part, state: "succeeded" }, "t2");
    expect(done.children[0]?.state).toBe("succeeded");
    expect(applyJob(done, part, "t1").children).toBe(done.children);
    expect(done.state).toBe("queued");
  });

  test("other jobs' events are none of its business", () => {
    const shown = detail();
    expect(applyJob(shown, job({ id: "99" }), "t1")).toBe(shown);
  });

  test("an event of an earlier attempt, or of less progress, is older", () => {
    expect(isOlder(job({ attempts: 1 }), job({ attempts: 2 }))).toBe(true);
    expect(isOlder(job({ state: "running", progress: 19 }), job({ state: "running", progress: 38 }))).toBe(true);
    expect(isOlder(job({ state: "queued", attempts: 1 }), job({ state: "failed", attempts: 1 }))).toBe(false);
  });
});

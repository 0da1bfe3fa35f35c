import { describe, expect, test } from "vitest";
import { attempt, detail, effect, step } from "./samples.testing";
import { inDoubt, partState, runTone, runsOf, timesOf } from "./timeline";

describe("the timeline", () => {
  test("puts each step into the attempt that ran it last, and effects under their step", () => {
    const runs = runsOf(
      detail({
        state: "running",
        attempts: 2,
        history: [attempt()],
        steps: [
          step({ name: "b", attempt: 2, started_at: "2026-11-23T00:00:09Z" }),
          step({ name: "hand-off", state: "done", attempt: 1, finished_at: "2026-11-23T00:00:02Z" }),
        ],
        effects: [effect({ state: "confirmed" }), effect({ key: "02/x/1", name: "x", attempt: 2, state: "unknown" })],
      }),
    );
    expect(runs.map(({ attempt: n, parts }) => [n, parts.map(({ name }) => name)])).toEqual([
      [1, ["hand-off"]],
      [2, ["b", "x"]],
    ]);
    expect(runs[0]?.parts[0]?.effects).toHaveLength(1);
    expect(runs[1]?.ended).toBeNull();
    expect(runs[1]?.startedAt).toBe("2026-11-23T00:00:09Z");
    expect(runs.map((run) => run.parts.map((part) => partState(part, run)))).toEqual([["done"], ["now", "doubt"]]);
  });

  test("shows the attempt that runs before its first step, from the job's start", () => {
    const runs = runsOf(detail({ state: "running", attempts: 1, started_at: "2026-11-23T00:00:00Z" }));
    expect(runs).toEqual([{ attempt: 1, ended: null, parts: [], startedAt: "2026-11-23T00:00:00Z" }]);
  });

  test("a step that an ended attempt left open was stopped, or waits with it", () => {
    const [run] = runsOf(detail({ state: "retrying", attempts: 1, history: [attempt()], steps: [step()] }));
    const [part] = run?.parts ?? [];
    expect(run && part && partState(part, run)).toBe("stopped");
    const [waiting] = runsOf(detail({ state: "waiting_callback", attempts: 1, history: [attempt({ outcome: "waiting" })], steps: [step()] }));
    expect(waiting && part && partState(part, waiting)).toBe("waits");
  });

  test("tells how an attempt ended by its tone", () => {
    const tone = (outcome: Parameters<typeof attempt>[0]) => runTone({ attempt: 1, startedAt: null, ended: attempt(outcome), parts: [] });
    expect(tone({ outcome: "succeeded" })).toBe("done");
    expect(tone({ outcome: "waiting" })).toBe("open");
    expect(tone({ outcome: "worker_lost" })).toBe("warn");
    expect(tone({ outcome: "dead" })).toBe("bad");
    expect(runTone({ attempt: 1, startedAt: null, ended: null, parts: [] })).toBe("now");
  });

  test("adds up waiting and running over all attempts, where they are known", () => {
    expect(timesOf([attempt(), attempt({ attempt: 2, run_ms: null, wait_ms: 50 })])).toEqual({ waited: 150, ran: 2000 });
  });

  test("finds what nobody knows the fate of", () => {
    expect(inDoubt(detail({ effects: [effect(), effect({ key: "k", state: "unknown" })] })).map(({ key }) => key)).toEqual(["k"]);
  });
});

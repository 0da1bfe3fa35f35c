import { SWRConfig } from "swr";
import { afterEach, describe, expect, test, vi } from "vitest";
import { applyEvent, cached, fetchWatched, forgetAll, mutateCached } from "./cache";
import { onEvent } from "./events";
import type { LiveEvent } from "./events";

interface Thing {
  id: string;
  n: number;
}

const store = SWRConfig.defaultValue.cache;
const event = (seq: number, name = "thing.changed"): LiveEvent => ({ seq, event: name, at: "", data: { id: "a", n: seq } });
const show = ({ data }: LiveEvent): void => {
  mutateCached<Thing>("/things/a", (now) => {
    const next = data as Thing;
    return next.n > now.n ? next : now;
  });
};
const stops: (() => void)[] = [];

function read(): Thing | undefined {
  return store.get("/things/a")?.data as Thing | undefined;
}

afterEach(() => {
  stops.splice(0).forEach((stop) => {
    stop();
  });
  forgetAll();
});

describe("events and cached data", () => {
  test("an event changes what is cached and creates nothing", async () => {
    stops.push(onEvent("thing.", show));
    applyEvent(event(1));
    expect(read()).toBeUndefined();
    store.set("/things/a", { data: { id: "a", n: 0 } });
    applyEvent(event(2));
    await Promise.resolve();
    expect(read()?.n).toBe(2);
    expect(cached<Thing>((key) => key.startsWith("/things"))).toHaveLength(1);
  });

  test("an event that overtakes an answer is applied to it afterwards", async () => {
    stops.push(onEvent("thing.changed", show));
    let answer: (thing: Thing) => void = () => undefined;
    const fetched = fetchWatched<Thing>("/things/a", () => new Promise((resolve) => (answer = resolve)));
    applyEvent(event(7));
    answer({ id: "a", n: 6 });
    store.set("/things/a", { data: await fetched });
    expect(read()?.n).toBe(6);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(read()?.n).toBe(7);
  });

  test("one feature's mistake does not cost the others their events", () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const other = vi.fn();
    stops.push(
      onEvent("thing.", () => {
        throw new Error("mistake");
      }),
      onEvent("thing.", other),
    );
    applyEvent(event(1));
    expect(other).toHaveBeenCalledTimes(1);
    said.mockRestore();
  });
});

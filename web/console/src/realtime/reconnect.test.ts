import { describe, expect, test, vi } from "vitest";
import { Final, Wait, dice, getTicket, newest, onSnapshot, seen, settle, sockets, stage, start } from "./stage.testing";

describe("reconnecting", () => {
  test("goes on from the last number and misses nothing", async () => {
    const socket = await start(5);
    socket.event(6);
    socket.cut();
    expect(stage.connection.status()).toMatchObject({ state: "offline", retryInSeconds: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(newest().lastSeq).toBe("6");
    newest().says({ type: "ready", seq: 8 });
    newest().event(7);
    newest().event(8);
    expect(seen).toEqual([6, 7, 8]);
    expect(onSnapshot).not.toHaveBeenCalled();
  });

  test("what ready promises and does not come is asked for by a new socket", async () => {
    const socket = await start(5);
    socket.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    const second = newest();
    second.says({ type: "ready", seq: 7 });
    second.event(6);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(second.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(newest().lastSeq).toBe("6");
  });

  test("waits longer each time, up to 30 s, at random below that", async () => {
    getTicket.mockRejectedValue(new Error("no network"));
    dice.value = 0.999;
    stage.connection.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await settle();
      const wait = stage.connection.status().retryInSeconds ?? -1;
      waits.push(wait);
      await vi.advanceTimersByTimeAsync(wait * 1000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test("waits at least as long as the server asks", async () => {
    getTicket.mockRejectedValue(new Wait());
    stage.connection.start();
    await settle();
    expect(stage.connection.status().retryInSeconds).toBe(20);
  });

  test("an ended session is not tried again", async () => {
    getTicket.mockRejectedValue(new Final());
    stage.connection.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(getTicket).toHaveBeenCalledTimes(1);
    expect(stage.connection.status()).toMatchObject({ state: "offline", retryInSeconds: null });
  });

  test("does not wait when the network comes back", async () => {
    const socket = await start(5);
    stage.connection.networkLost();
    expect(socket.closed).toBe(true);
    stage.connection.wake();
    await settle();
    expect(sockets).toHaveLength(2);
  });

  test("a late answer for an older try opens nothing", async () => {
    let answer: (ticket: { ticket: string; url: string }) => void = () => undefined;
    getTicket.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    stage.connection.start();
    await settle();
    stage.connection.stop();
    answer({ ticket: "late", url: "wss://live.example/live" });
    await settle();
    expect(sockets).toHaveLength(0);
  });
});

describe("a long life", () => {
  test("speaks after four minutes of silence and goes when nobody answers", async () => {
    const socket = await start(1);
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    expect(socket.sent).toEqual([{ action: "ping" }]);
    socket.says({ type: "pong" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(3 * 60_000 + 10_000);
    expect(socket.closed).toBe(true);
  });

  test("reconnects by itself at 110 minutes, without a word", async () => {
    const states = new Set<string>();
    const socket = await start(1);
    stage.connection.subscribe(() => states.add(stage.connection.status().state));
    const answer = setInterval(() => newest().says({ type: "pong" }), 60_000);
    await vi.advanceTimersByTimeAsync(110 * 60_000);
    clearInterval(answer);
    expect(socket.closed).toBe(true);
    expect(newest().lastSeq).toBe("1");
    newest().says({ type: "ready", seq: 1 });
    expect([...states]).toEqual(["live"]);
  });

  test("comes back within the time that the server gives", async () => {
    const socket = await start(1);
    socket.says({ type: "reconnect", within_s: 60 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sockets).toHaveLength(2);
    expect(socket.closed).toBe(true);
  });

  test("noise on the line changes nothing", async () => {
    const socket = await start(1);
    socket.onmessage?.({ data: "not json" });
    socket.says({ type: "event", seq: "two", event: "job.updated" });
    socket.says({ type: "error", code: "unknown_action" });
    expect(seen).toEqual([]);
    expect(stage.connection.status().state).toBe("live");
  });
});

import { describe, expect, test, vi } from "vitest";
import { newest, onSnapshot, seen, settle, stage, start } from "./stage.testing";

describe("the first connection", () => {
  test("asks for a ticket, says no number, and is live with the server's", async () => {
    stage.connection.start();
    expect(stage.connection.status().state).toBe("connecting");
    await settle();
    expect(newest().url).toBe("wss://live.example/live?ticket=t+1");
    expect(newest().lastSeq).toBeNull();
    newest().says({ type: "ready", seq: 41 });
    expect(stage.connection.status()).toMatchObject({ state: "live", lastSeq: 41, attempt: 0 });
  });

  test("events before ready wait, and those the story already holds are dropped", async () => {
    stage.connection.start();
    await settle();
    newest().event(41);
    newest().event(42);
    expect(seen).toEqual([]);
    newest().says({ type: "ready", seq: 41 });
    expect(seen).toEqual([42]);
  });

  test("a socket that never gets ready is given up", async () => {
    stage.connection.start();
    await settle();
    const first = newest();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(first.closed).toBe(true);
    expect(stage.connection.status().state).toBe("offline");
  });
});

describe("numbers", () => {
  test("each event is applied once and in order", async () => {
    const socket = await start(0);
    for (const seq of [1, 2, 2, 1, 3]) socket.event(seq);
    expect(seen).toEqual([1, 2, 3]);
    expect(stage.connection.status().lastSeq).toBe(3);
  });

  test("a hole is asked for once, and what came early is kept", async () => {
    const socket = await start(10);
    socket.event(13);
    socket.event(14);
    expect(socket.sent).toEqual([{ action: "resume", last_seq: 10 }]);
    socket.says({ type: "ready", seq: 14 });
    socket.event(11);
    socket.event(12);
    expect(seen).toEqual([11, 12, 13, 14]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.closed).toBe(false);
  });

  test("a hole that stays open makes a new socket, from the last number", async () => {
    const socket = await start(10);
    socket.event(12);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(newest().lastSeq).toBe("10");
  });

  test("a snapshot begins a new story and is fetched once", async () => {
    const socket = await start(10);
    socket.event(11);
    socket.says({ type: "snapshot_required", seq: 900 });
    socket.event(900);
    socket.event(901);
    expect(onSnapshot).toHaveBeenCalledTimes(1);
    expect(seen).toEqual([11, 901]);
  });

  test("a server that stands before us tells another story", async () => {
    const socket = await start(50);
    socket.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    newest().says({ type: "ready", seq: 3 });
    expect(onSnapshot).toHaveBeenCalledTimes(1);
    newest().event(4);
    expect(seen).toEqual([4]);
  });
});

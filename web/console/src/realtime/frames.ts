/** What travels on the socket, read defensively: a frame that is not understood is null, never an exception. */

export interface LiveEvent {
  seq: number;
  event: string;
  at: string;
  data: unknown;
}

export type ServerFrame =
  | { type: "ready"; seq: number }
  | ({ type: "event" } & LiveEvent)
  | { type: "snapshot_required"; seq: number }
  | { type: "reconnect"; within_s: number }
  | { type: "pong" }
  | { type: "chunk"; stream: string; index: number; text: string };

export function readFrame(text: unknown): ServerFrame | null {
  if (typeof text !== "string") return null;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== "object" || frame === null) return null;
  const given = frame as Record<string, unknown>;
  switch (given["type"]) {
    case "ready":
    case "snapshot_required":
      return isSeq(given["seq"]) ? { type: given["type"], seq: given["seq"] } : null;
    case "event":
      return isSeq(given["seq"]) && typeof given["event"] === "string"
        ? { type: "event", seq: given["seq"], event: given["event"], at: String(given["at"] ?? ""), data: given["data"] }
        : null;
    case "reconnect":
      return { type: "reconnect", within_s: typeof given["within_s"] === "number" ? given["within_s"] : 0 };
    case "pong":
      return { type: "pong" };
    case "chunk":
      return typeof given["stream"] === "string" && typeof given["index"] === "number"
        ? { type: "chunk", stream: given["stream"], index: given["index"], text: String(given["text"] ?? "") }
        : null;
    default:
      return null;
  }
}

function isSeq(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

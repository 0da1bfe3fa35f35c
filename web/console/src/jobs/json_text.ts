/** JSON as somebody typed it: what it says, or where it stops being JSON. Pure. */

export interface Fault {
  kind: "syntax" | "object";
  line: number;
  column: number;
}

export type Read = { value: Record<string, unknown>; fault: null } | { value: null; fault: Fault };

export function readPayload(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { value: null, fault: { kind: "syntax", ...placeOf(text, error) } };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { value: null, fault: { kind: "object", line: 1, column: 1 } };
  }
  return { value: value as Record<string, unknown>, fault: null };
}

/** Browsers say where in words of their own: by position, by line, or not at all when the text just ends. */
function placeOf(text: string, error: unknown): { line: number; column: number } {
  const said = error instanceof Error ? error.message : "";
  const exact = /line (\d+) column (\d+)/.exec(said);
  if (exact) return { line: Number(exact[1]), column: Number(exact[2]) };
  const position = /position (\d+)/.exec(said);
  const before = text.slice(0, position ? Number(position[1]) : text.length).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

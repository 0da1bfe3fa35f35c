import { describe, expect, it } from "vitest";
import { diffWords, splitWords } from "./text_diff";

const without = (kind: "removed" | "added", before: string, after: string) =>
  diffWords(before, after)
    .filter((part) => part.kind !== kind)
    .map((part) => part.text)
    .join("");

describe("diffWords", () => {
  it("names what was taken out and what was put in", () => {
    expect(diffWords("Un café lento", "Un té lento")).toEqual([
      { kind: "same", text: "Un " },
      { kind: "removed", text: "café" },
      { kind: "added", text: "té" },
      { kind: "same", text: " lento" },
    ]);
  });

  it("says nothing changed by one run", () => {
    expect(diffWords("igual", "igual")).toEqual([{ kind: "same", text: "igual" }]);
    expect(diffWords("", "")).toEqual([]);
  });

  it("gathers a rewritten phrase instead of mixing its words", () => {
    expect(diffWords("a uno dos z", "a tres cuatro z")).toEqual([
      { kind: "same", text: "a " },
      { kind: "removed", text: "uno dos" },
      { kind: "added", text: "tres cuatro" },
      { kind: "same", text: " z" },
    ]);
  });

  it("gives both texts back whole, whatever they are", () => {
    const texts = ["", "Hola 👋 mundo.\n\n#mar", "Hola, mundo!", "uno dos tres\ncuatro", "  dos  uno tres "];
    for (const before of texts) {
      for (const after of texts) {
        expect(without("added", before, after)).toBe(before);
        expect(without("removed", before, after)).toBe(after);
      }
    }
  });

  it("shows very long different texts whole", () => {
    const before = "a ".repeat(900);
    const after = "b ".repeat(900);
    expect(without("removed", before, after)).toBe(after);
  });
});

describe("splitWords", () => {
  it("loses no character", () => {
    const text = "¡Niño! 🎉👨‍👩‍👧 #año2027\t—fin";
    expect(splitWords(text).join("")).toBe(text);
  });
});

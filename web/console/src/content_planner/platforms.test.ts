import { describe, expect, it } from "vitest";
import { PLATFORMS, countChars, hashtagsIn, isHashtag, renderedText } from "./platforms";

describe("countChars", () => {
  it("weighs for X: a link is 23, an emoji 2, a character outside four ranges 2", () => {
    expect(countChars("x", "Hola")).toBe(4);
    expect(countChars("x", "ver https://ejemplo.example/una/ruta/muy/larga")).toBe(4 + 23);
    expect(countChars("x", "ver tienda.com.")).toBe(4 + 23 + 1);
    expect(countChars("x", "👨‍👩‍👧‍👦")).toBe(2);
    expect(countChars("x", "🇪🇸🏴󠁧󠁢󠁳󠁣󠁴󠁿1️⃣")).toBe(6);
    expect(countChars("x", "日本")).toBe(4);
    expect(countChars("x", "e\u0301")).toBe(1);
  });

  it("counts bytes on YouTube, UTF-16 units on Instagram, emojis by their bytes on Threads", () => {
    expect(countChars("youtube", "año")).toBe(4);
    expect(countChars("instagram", "a🎉")).toBe(3);
    expect(countChars("threads", "a🎉")).toBe(5);
    expect(countChars("threads", "año")).toBe(3);
  });

  it("knows every platform of the data file", () => {
    expect(PLATFORMS).toHaveLength(8);
    for (const platform of PLATFORMS) expect(countChars(platform.id, "abc")).toBe(3);
  });
});

describe("hashtags", () => {
  it("are letters, digits and _, and not digits alone", () => {
    expect(isHashtag("#Año_2027")).toBe(true);
    expect(isHashtag("café")).toBe(true);
    expect(isHashtag("#2027")).toBe(false);
    expect(isHashtag("#dos palabras")).toBe(false);
    expect(isHashtag("#")).toBe(false);
  });

  it("are found inside the text, not in links or entities", () => {
    expect(hashtagsIn("Hoy #mar y (#Sol) en example.es/#no &#39; ##x #2")).toEqual(["#mar", "#Sol"]);
  });

  it("follow the text after an empty line", () => {
    expect(renderedText(" Hola ", ["mar", "##sol"])).toBe("Hola\n\n#mar #sol");
    expect(renderedText("", ["mar"])).toBe("#mar");
  });
});

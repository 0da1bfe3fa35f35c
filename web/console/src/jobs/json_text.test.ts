import { describe, expect, test } from "vitest";
import { readPayload } from "./json_text";

describe("a payload as typed", () => {
  test("is an object", () => {
    expect(readPayload('{"campaign_id": "c1"}').value).toEqual({ campaign_id: "c1" });
    for (const text of ["[]", "7", "null", '"x"']) expect(readPayload(text).fault?.kind).toBe("object");
  });

  test("says where it stops being JSON", () => {
    expect(readPayload('{\n  "a": 1,\n  b: 2\n}').fault).toEqual({ kind: "syntax", line: 3, column: 3 });
    expect(readPayload('{\n  "a": 1').fault).toMatchObject({ kind: "syntax", line: 2 });
    expect(readPayload("").fault).toEqual({ kind: "syntax", line: 1, column: 1 });
  });
});

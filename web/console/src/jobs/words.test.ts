import { describe, expect, test } from "vitest";
import type { Translate } from "../i18n";
import { es } from "./messages.es";
import { doingNow, jobName, sought, stepName } from "./names";
import { effectNote, reasonLine, reasonOf, said } from "./words";

const t: Translate = (key, params = {}) =>
  (es as Record<string, string>)[key]?.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name])) ?? `missing ${key}`;

describe("the API's English", () => {
  test("becomes the reader's words", () => {
    expect(said(t, "Writing piece 3 of 5")).toBe("Escribiendo la pieza 3 de 5");
    for (const message of ["Writing the pieces", "Waiting for n8n", "Handing over to n8n", "Waiting for its turn", "Stopping"]) {
      expect(said(t, message)).not.toBe(message);
    }
    expect(said(t, "Writing the piece anew")).toBe("Reescribiendo la pieza");
    expect(said(t, "Answer received")).toBe("Respuesta recibida");
    expect(said(t, "Weighing the anchor")).toBe("Weighing the anchor");
    expect(doingNow(t, { message: "", waits_for_turn: true })).toBe("Espera su turno");
  });

  test("every reason that is known has its words, and the exact ones stay beside them", () => {
    const codes = Object.keys(es)
      .filter((key) => key.startsWith("job.reason.") && key !== "job.reason.exact")
      .map((key) => key.slice("job.reason.".length));
    expect(codes.length).toBeGreaterThan(15);
    for (const code of codes) {
      const reason = reasonOf(t, { code, detail: "English." });
      expect(reason?.text, code).toBe((es as Record<string, string>)[`job.reason.${code}`]);
      expect(reason?.detail).toBe("English.");
    }
  });

  test("so does what the ledger notes of an effect", () => {
    expect(effectNote(t, "The worker stopped after the request went out.")).toBe("Quien lo ejecutaba se detuvo tras salir la petición.");
    expect(effectNote(t, "ReadTimeout after the request went out.")).toBe("ReadTimeout tras salir la petición.");
    expect(effectNote(t, "connection refused")).toBeNull();
  });

  test("a reason that is not known shows as it came", () => {
    expect(reasonOf(t, { code: "new_thing", detail: "It broke." })?.text).toBeNull();
    expect(reasonLine(t, { code: "new_thing", detail: "It broke." })).toBe("It broke.");
    expect(reasonLine(t, null)).toBe("");
  });
});

describe("names", () => {
  test("of jobs and steps are the client's, or as they come", () => {
    expect(jobName(t, "content_planner.create_campaign")).toBe("Escribir una campaña");
    expect(jobName(t, "shop.sell")).toBe("shop.sell");
    expect(stepName(t, "piece-4")).toBe("Escribir la pieza 4");
    expect(stepName(t, "weigh")).toBe("weigh");
  });

  test("what is typed finds a job by its name in the reader's words", () => {
    const types = ["content_planner.create_campaign", "content_planner.regenerate_piece"];
    expect(sought(t, " Reescribir ", null, types)).toEqual({ type: "content_planner.regenerate_piece", q: null });
    expect(sought(t, "una", null, types)).toEqual({ type: null, q: "una" });
    expect(sought(t, "0192ab", null, types)).toEqual({ type: null, q: "0192ab" });
    expect(sought(t, "reescribir", "x.y", types)).toEqual({ type: "x.y", q: "reescribir" });
    expect(sought(t, "  ", "x.y", types)).toEqual({ type: "x.y", q: null });
  });
});

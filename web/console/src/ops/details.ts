/** The health report's findings in the client's words; an unknown one shows as the API says it. */

import type { Key, Params } from "../i18n";

const KNOWN: [RegExp, Key, readonly string[]][] = [
  [/^Answers\.$/, "status.detail.answers", []],
  [/^(\d+) waiting\.$/, "status.detail.waiting", ["n"]],
  [/^(\d+) in the dead-letter queue, (\d+) waiting\.$/, "status.detail.dead", ["dead", "n"]],
  [/^The embedded template engine\.$/, "status.detail.template", []],
  [/^Not used by the configured engine\.$/, "status.detail.off", []],
  [/^Slow: (\d+) ms\.$/, "status.detail.slow", ["n"]],
  [/^No answer \((\w+)\)\.$/, "status.detail.silent", ["why"]],
  [/^Answers with HTTP (\d+)\.$/, "status.detail.http", ["n"]],
];

export function readDetail(detail: string): { key: Key; params: Params } | null {
  for (const [pattern, key, names] of KNOWN) {
    const found = pattern.exec(detail);
    if (found) return { key, params: Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ""])) };
  }
  return null;
}

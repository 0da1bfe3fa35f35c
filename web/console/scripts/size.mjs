// Fails when the script that a first load fetches is over its budget: the entry, what it imports, and the larger language.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 150 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

function files(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) files(next, seen);
  return seen;
}

function gzipped(keys) {
  return [...keys].reduce((sum, key) => sum + gzipSync(readFileSync(new URL(manifest[key].file, dist))).length, 0);
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = files(entry);
const languages = Object.keys(manifest).filter((key) => /src\/messages\/(es|en)\.ts$/.test(key));
if (languages.length !== 2) throw new Error("the languages are not chunks of their own any more");
const base = gzipped(first);
const language = Math.max(...languages.map((key) => gzipped([...files(key)].filter((part) => !first.has(part)))));
const total = base + language;
const kilobytes = (bytes) => (bytes / 1024).toFixed(1);
console.log(`first load ${kilobytes(total)} KB gzip of script (budget ${BUDGET / 1024} KB)`);
if (total > BUDGET) process.exit(1);

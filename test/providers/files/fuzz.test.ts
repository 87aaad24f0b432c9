/**
 * Whatever bytes come, files are read or refused by a word of the list, and what is read becomes
 * drafts or a fault: by grammar, whole or broken, and cut at every length. The long run is
 * `npm run fuzz -- files`.
 */
import { gzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { fitOf, gpxOf, ride, tcxOf } from "../../fakes/activity-files.ts";
import { fileCase, grammars, readCase } from "../../fuzz/file-cases.ts";
import { readUpload } from "../../fuzz/file-judge.ts";

const small = { ...ride, elapsedS: 60, timerS: 60, distanceM: 300 };
const text = (from: string) => new TextEncoder().encode(from);
const valid: readonly (readonly [string, Uint8Array])[] = [
  ["FIT", fitOf(small)],
  ["big-endian FIT", fitOf(small, { bigEndian: true })],
  ["TCX", text(tcxOf(small))],
  ["GPX", text(gpxOf(small))],
  ["gzipped FIT", gzipSync(fitOf(small))],
  ["a ZIP", zipSync({ "a.fit": fitOf(small), "b.gpx": text(gpxOf(small)) })],
];
const cuts = 150;
const cases = 700;

describe.each(valid)("%s", (name, bytes) => {
  it("whole gives what it holds", () => {
    expect(readUpload(bytes)).toEqual({ taken: name === "a ZIP" ? 2 : 1, wrong: [] });
  });

  it("cut at any length is read or refused", () => {
    const step = Math.max(1, Math.floor(bytes.length / cuts));
    for (let length = 0; length < bytes.length; length += step)
      expect(readUpload(bytes.slice(0, length)).wrong, `cut at ${length}`).toEqual([]);
  });
});

it("files by every grammar, whole or broken, are read or refused", () => {
  const taken = new Map<string, number>();
  for (let number = 0; number < cases; number++) {
    const made = fileCase(14, number);
    const { wrong, taken: some } = readCase(made);
    expect(wrong, `number ${number}, ${made.grammar}`).toEqual([]);
    taken.set(made.grammar, (taken.get(made.grammar) ?? 0) + some);
  }
  const read = grammars.filter((grammar) => (taken.get(grammar) ?? 0) > 0);
  expect(read).toEqual(["FIT", "TCX", "GPX", "POSLog", "gzip", "ZIP"]);
});

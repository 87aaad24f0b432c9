/**
 * Whatever bytes come, files are read or refused by a word of the list, soon, and what is read
 * becomes drafts or a fault. Nothing here may throw.
 */

import fc from "fast-check";
import { gzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { readFile } from "../../../providers/files/read.ts";
import { fileNotes, refusals } from "../../../providers/files/session.ts";
import { unpack, unpackBudget } from "../../../providers/files/unpack.ts";
import { fileItem, files } from "../../../providers/files.ts";
import { fitOf, gpxOf, ride, tcxOf } from "../../fakes/activity-files.ts";
import { fitCrc } from "../../fakes/fit-file.ts";

const receivedMs = ride.startMs + 86_400_000;
/** Far more than any of these takes, and far less than a hang. */
const soonMs = 10_000;
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

/** How many sessions came of these bytes. */
function judge(bytes: Uint8Array): number {
  const startedMs = performance.now();
  let sessions = 0;
  for (const unpacked of unpack(bytes, unpackBudget())) {
    if ("refused" in unpacked) {
      expect(Object.keys(refusals)).toContain(unpacked.refused);
      continue;
    }
    const read = readFile(unpacked.bytes);
    if (read.refused === null) expect(read.sessions.length).toBeGreaterThan(0);
    else expect(Object.keys(refusals)).toContain(read.refused);
    for (const note of read.notes) expect(Object.keys(fileNotes)).toContain(note);
    for (const session of read.sessions) {
      const { kind, body } = fileItem("digest", session);
      const draft = files.normalise(kind, JSON.parse(JSON.stringify(body)), receivedMs);
      if (!draft.ok) expect(draft.error).toMatch(/^[a-z-]+$/);
    }
    sessions += read.sessions.length;
  }
  expect(performance.now() - startedMs).toBeLessThan(soonMs);
  return sessions;
}

it("random bytes, with or without the beginning of a file", () => {
  const beginnings = valid.map(([, bytes]) => bytes.slice(0, 16));
  const beginning = fc.constantFrom(new Uint8Array(), ...beginnings);
  fc.assert(
    fc.property(beginning, fc.uint8Array({ maxLength: 600 }), (first, rest) => {
      judge(Uint8Array.from([...first, ...rest]));
    }),
    { numRuns: 1000 },
  );
});

describe.each(valid)("%s", (name, bytes) => {
  it("whole gives what it holds", () => {
    expect(judge(bytes)).toBe(name === "a ZIP" ? 2 : 1);
  });

  it("cut at every length", () => {
    const step = Math.max(1, Math.floor(bytes.length / 1500));
    for (let length = 0; length < bytes.length; length += step) judge(bytes.slice(0, length));
  });

  it("with bits flipped, the checksum made right or not", () => {
    const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(7)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(flips, fc.boolean(), (places, mended) => {
        const changed = bytes.slice();
        for (const [at, bit] of places) changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        if (mended && name.endsWith("FIT"))
          new DataView(changed.buffer).setUint16(
            changed.length - 2,
            fitCrc(changed.subarray(0, -2)),
            true,
          );
        judge(changed);
      }),
      { numRuns: 400 },
    );
  });

  it("with pieces repeated, moved and left out", () => {
    const place = fc.nat(bytes.length);
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        const piece = bytes.slice(Math.min(a, b), Math.max(a, b));
        judge(Uint8Array.from([...bytes.slice(0, c), ...piece, ...bytes.slice(c)]));
        judge(Uint8Array.from([...bytes.slice(0, Math.min(a, b)), ...bytes.slice(Math.max(a, b))]));
      }),
      { numRuns: 150 },
    );
  });
});

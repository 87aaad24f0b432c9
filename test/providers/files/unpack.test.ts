import { gzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { filesMax, unpackedBytesMax } from "../../../providers/files/session.ts";
import { type Unpacked, unpack, unpackBudget } from "../../../providers/files/unpack.ts";
import { fitOf, gpxOf, tcxOf } from "../../fakes/activity-files.ts";

const text = (from: string) => new TextEncoder().encode(from);
const all = (bytes: Uint8Array, budget = unpackBudget()): Unpacked[] => [...unpack(bytes, budget)];
const refusalsOf = (bytes: Uint8Array) =>
  all(bytes).map((unpacked) => ("refused" in unpacked ? unpacked.refused : null));

/** The archive with the little-endian number at each place found replaced. */
function patched(zip: Uint8Array, signature: number, offset: number, value: number): Uint8Array {
  const changed = zip.slice();
  const view = new DataView(changed.buffer);
  for (let at = 0; at + offset + 4 <= changed.length; at++)
    if (view.getUint32(at, true) === signature) view.setUint32(at + offset, value, true);
  return changed;
}
const directoryEntry = 0x02014b50;
const directoryEnd = 0x06054b50;

describe("a ZIP", () => {
  const fit = fitOf();
  const zip = zipSync({
    "folder/ride.fit": fit,
    "folder/ride.tcx": text(tcxOf()),
    "folder/ride.gpx.gz": gzipSync(text(gpxOf())),
    "__MACOSX/._ride.fit": text("fork"),
    ".DS_Store": text("x"),
    stored: [fit, { level: 0 }],
  });

  it("gives its files in their order, without folders and a Mac's additions", () => {
    const sizes = all(zip).map((unpacked) => ("bytes" in unpacked ? unpacked.bytes.length : null));
    const lengths = [fit.length, text(tcxOf()).length, text(gpxOf()).length, fit.length];
    expect(sizes).toEqual(lengths);
  });

  it("that lies about its sizes is counted by what comes out", () => {
    for (const stated of [0, 1, 0x7fffffff, 0xffffffff]) {
      const lying = patched(zip, directoryEntry, 24, stated);
      expect(all(lying)).toEqual(all(zip));
    }
  });

  it("with nothing in it is empty, and cut short is truncated", () => {
    expect(refusalsOf(zipSync({}))).toEqual(["empty"]);
    expect(refusalsOf(zip.slice(0, -30))).toEqual(["truncated"]);
    expect(refusalsOf(zipSync({ "a.fit": new Uint8Array() }))).toEqual(["empty"]);
  });

  it("that is encrypted, or packed by another method, says so", () => {
    const encrypted = patched(zip, directoryEntry, 8, 0x0008_0001);
    expect(new Set(refusalsOf(encrypted))).toEqual(new Set(["encrypted"]));
    const one = zipSync({ "a.fit": fit });
    const other = patched(one, directoryEntry, 8, 0x000c_0000);
    expect(refusalsOf(other)).toEqual(["unknown-compression"]);
  });

  it("whose parts are not where it says is damaged", () => {
    const one = zipSync({ "a.fit": fit });
    for (const place of [4, one.length - 4, 0x7fffffff])
      expect(refusalsOf(patched(one, directoryEntry, 42, place))).toEqual(["damaged"]);
    expect(refusalsOf(patched(one, directoryEnd, 16, 0x7fffffff))).toEqual(["damaged"]);
  });

  it("of more files than one upload may hold is read up to there", () => {
    const many = zipSync(
      Object.fromEntries(Array.from({ length: filesMax + 5 }, (_, i) => [`${i}.fit`, fit])),
    );
    const refused = refusalsOf(many);
    expect(refused).toHaveLength(filesMax + 1);
    expect(refused.at(-1)).toBe("too-many-files");
  });

  it("is not opened inside another archive", () => {
    const inside = zipSync({ "inner.zip": zip, "twice.gz": gzipSync(gzipSync(fit)) });
    expect(refusalsOf(inside)).toEqual(["nested-archive", "nested-archive"]);
    expect(refusalsOf(gzipSync(zip))).toEqual(["nested-archive"]);
  });
});

describe("a bomb", () => {
  const zeros = new Uint8Array(unpackedBytesMax + 1);
  const bomb = zipSync({ a: zeros, b: zeros }, { level: 9 });

  it.each([
    ["a ZIP", bomb],
    ["a ZIP that states one byte", patched(bomb, directoryEntry, 24, 1)],
    ["gzip", gzipSync(zeros, { level: 9 })],
  ])("in %s is refused once it is larger than one upload may be", (_, bytes) => {
    expect(bytes.length).toBeLessThan(100_000);
    const startedMs = performance.now();
    expect(new Set(refusalsOf(bytes))).toEqual(new Set(["too-large"]));
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  it("of many small files that share one body has one budget", () => {
    const eighth = new Uint8Array(unpackedBytesMax / 8);
    const entries = Array.from({ length: 12 }, (_, i) => [`${i}`, eighth]);
    const refused = refusalsOf(zipSync(Object.fromEntries(entries), { level: 9 }));
    expect(refused.filter((code) => code === "too-large")).toHaveLength(4);
    const budget = unpackBudget();
    all(gzipSync(eighth), budget);
    expect(budget.left).toBe(unpackedBytesMax - eighth.length);
  });

  it("with one file larger than one may be loses that one, and what it took of the budget", () => {
    const [small, large] = [1_000, 3_000].map((n) => new Uint8Array(n).fill(1)) as [
      Uint8Array,
      Uint8Array,
    ];
    const budget = { left: 10_000, aFile: 2_000 };
    const zip = zipSync({ large, small, other: small });
    const lengths = all(zip, budget).map((one) =>
      "refused" in one ? one.refused : one.bytes.length,
    );
    expect(lengths).toEqual(["too-large", 1_000, 1_000]);
    expect(budget.left).toBeLessThanOrEqual(10_000 - 2_000 - 2_000);
  });
});

describe("gzip", () => {
  it("that breaks off gives what came out of it", () => {
    const [unpacked] = all(gzipSync(fitOf()).slice(0, -200));
    if (unpacked === undefined || "refused" in unpacked) throw new Error("nothing came out");
    expect(unpacked.bytes.length).toBeGreaterThan(100);
    expect(unpacked.bytes.length).toBeLessThan(fitOf().length);
  });

  it("of nothing is empty, and no gzip at all is damaged", () => {
    expect(refusalsOf(gzipSync(new Uint8Array()))).toEqual(["empty"]);
    expect(refusalsOf(Uint8Array.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))).toEqual([
      "damaged",
    ]);
  });
});

it("nothing, and nothing but blanks, is empty", () => {
  for (const bytes of [new Uint8Array(), text(" \r\n\t"), text("\uFEFF")])
    expect(refusalsOf(bytes)).toEqual(["empty"]);
});

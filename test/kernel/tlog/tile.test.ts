import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inclusionProof } from "../../../kernel/tlog/merkle.ts";
import {
  bundleOf,
  entriesIn,
  entriesPath,
  hashReader,
  parseTilePath,
  tilePath,
  tilesBetween,
  tileWidth,
} from "../../../kernel/tlog/tile.ts";
import { leavesOf, logOf } from "./logs.ts";

const numbers = fc.oneof(fc.nat(5000), fc.maxSafeInteger().map(Math.abs));
const widths = fc.integer({ min: 1, max: tileWidth });

describe("tiles", () => {
  test("are named so that the name can be read back", () => {
    fc.assert(
      fc.property(fc.nat(63), numbers, widths, (level, n, width) => {
        expect(parseTilePath(tilePath(level, n, width))).toEqual({ level, n, width });
        expect(parseTilePath(entriesPath(n, width))).toEqual({ level: "entries", n, width });
      }),
    );
    expect(tilePath(0, 1_234_067, 5)).toBe("tile/0/x001/x234/067.p/5");
    expect(entriesPath(0, tileWidth)).toBe("tile/entries/000");
  });

  test.each([
    "tile/0/67",
    "tile/00/067",
    "tile/64/067",
    "tile/0/x000/067",
    "tile/0/067.p/0",
    "tile/0/067.p/256",
    "tile/0/067.p/05",
    "tile/0/../067",
    "/tile/0/067",
    "tile/0/067\n",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
  ])("have no other name: %j", (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  test("made step by step are, in their last widths, those made at once", () => {
    const steps = fc.array(fc.nat(900), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(steps, (growth) => {
        const widest = new Map<string, number>();
        let size = 0;
        for (const step of growth) {
          for (const { level, n, width } of tilesBetween(size, size + step))
            widest.set(`${level}/${n}`, width);
          size += step;
        }
        const atOnce = tilesBetween(0, size).map((t) => [`${t.level}/${t.n}`, t.width] as const);
        expect(widest).toEqual(new Map(atOnce));
        expect(tilesBetween(size, size)).toEqual([]);
      }),
    );
  });

  test("are read once each for a proof, and a short one is refused", async () => {
    const leaves = await leavesOf(600);
    const { read, reads } = await logOf(leaves);
    await inclusionProof(3, 600, read);
    await inclusionProof(590, 600, read);
    // All but the middle one: what it holds is one hash of the tile above.
    expect(reads()).toBe(tilesBetween(0, 600).length - 1);
    const short = hashReader(600, async () => new Uint8Array(32));
    await expect(short(0, 0)).rejects.toThrow(RangeError);
    await expect(read(0, 600)).rejects.toThrow(RangeError);
  });
});

describe("a bundle", () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  test("gives back its entries, and none when it is cut within one", () => {
    fc.assert(
      fc.property(entries, (list) => {
        const bundle = bundleOf(list);
        expect(entriesIn(bundle)).toEqual(list.map((entry) => Uint8Array.from(entry)));
        if (list.length > 0) expect(entriesIn(bundle.slice(0, -1))).toBeNull();
      }),
    );
    expect(() => bundleOf([new Uint8Array(65_536)])).toThrow(RangeError);
  });
});

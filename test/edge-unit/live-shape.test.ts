/** What is watched as the API shows it: a track is one in every spelling, as it is in royalties. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameKey } from "../../domain/listens/names.ts";

// By address: the edge is checked against the platform's types, these tests against Node's.
const { shownArtist } = await import(
  /* @vite-ignore */ new URL("../../workers/edge/live-shape.ts", import.meta.url).href
);

const minutes = 60;
const nowMs = Date.UTC(2026, 10, 22, 12);

interface Told {
  readonly track: string;
  readonly territory: string;
  readonly listens: number;
}
interface Shown {
  readonly whole: boolean;
  readonly tracks: readonly { readonly track: string; readonly listens: number }[];
}

/** As the object counts it: a key once. */
const shown = (all: readonly Told[]): Shown => {
  const keys = all.map(({ track, territory, listens }) => ({
    ...{ key: JSON.stringify([track, territory]), n: [listens, 0, 0] },
  }));
  const listens = all.reduce((sum, one) => sum + one.listens, 0);
  const counts = { total: [listens], day: [listens], keys, minutes: [], isWhole: true };
  return shownArtist("kraftwerk", counts, minutes, nowMs);
};
const of = (track: string, listens: number, territory = "DE"): Told => ({
  ...{ track, territory, listens },
});

describe("an artist's tracks", () => {
  it("are one in every spelling, under the one that was played most in all territories", () => {
    const all = [of("The Model", 3), of("the model", 2), of("the model", 2, "NL"), of("Neon", 6)];
    expect(shown(all).tracks).toEqual([
      { track: "the model", listens: 7 },
      { track: "Neon", listens: 6 },
    ]);
  });

  it("stand under the least of spellings that were played as often", () => {
    expect(shown([of("the model", 2), of("The  Model", 2), of("The Model", 2)]).tracks).toEqual([
      { track: "The  Model", listens: 6 },
    ]);
  });

  it("are as many as royalties tell apart, and are all told before it says that there are more", () => {
    const spelt = (n: number) => [of(`Song ${n}`, 2), of(`SONG ${n}`, 1)];
    const numbers = Array.from({ length: 501 }, (_, n) => n);
    expect(shown(numbers.slice(1).flatMap(spelt))).toMatchObject({ whole: true });
    expect(shown(numbers.flatMap(spelt))).toMatchObject({ whole: false });
  });

  it("have each listen once, under a spelling that somebody said, in whatever order it was told", () => {
    const told = fc.uniqueArray(
      fc.record({
        track: fc.constantFrom("A", "a", " a", "Ａ", "b", "B ", "c"),
        territory: fc.constantFrom("DE", "NL", "ZZ"),
        listens: fc.integer({ min: 1, max: 4 }),
      }),
      { selector: ({ track, territory }) => `${track}|${territory}`, maxLength: 20 },
    );
    fc.assert(
      fc.property(told, (all) => {
        const { tracks } = shown(all);
        const sums = new Map<string, number>();
        for (const { track, listens } of all)
          sums.set(nameKey(track), (sums.get(nameKey(track)) ?? 0) + listens);
        expect(new Map(tracks.map(({ track, listens }) => [nameKey(track), listens]))).toEqual(
          sums,
        );
        expect(tracks.length).toBe(sums.size);
        const names = new Set<string>(all.map(({ track }) => track));
        expect(tracks.every(({ track }) => names.has(track))).toBe(true);
        expect(shown(all.toReversed()).tracks).toEqual(tracks);
      }),
    );
  });
});

/**
 * What a deployment may have written down as its secrets, one of which signs. The rule that is
 * played: the four newest count that have begun and have not ended, and one that still counted when
 * its own successor began ends no sooner than 76 hours after that.
 */
import type { Secret } from "../../../providers/recipe.ts";
import type { Chance } from "../../oracle/chance.ts";
import { fingerprint } from "./signer.ts";

const hourMs = 3_600_000;
const overlapMs = 76 * hourMs;

/** Makes the text of the nth secret of a delivery, of five; each is another. */
export type TextOf = (n: number) => string;

export interface Rotation {
  readonly stated: readonly Secret[];
  /** Which text signs. */
  readonly signer: number;
  readonly kid: string;
}

const rfc3339 = (atMs: number) => new Date(atMs).toISOString();
const named = (secret: string, n: number, dates: { notBefore?: number; notAfter?: number }) => ({
  kid: `key-${n}`,
  secret,
  ...(dates.notBefore === undefined ? {} : { notBefore: rfc3339(dates.notBefore) }),
  ...(dates.notAfter === undefined ? {} : { notAfter: rfc3339(dates.notAfter) }),
});

/** Entries that nobody can read; they prove nothing and take nobody's place. */
const broken: readonly unknown[] = [
  "",
  null,
  7,
  [],
  {},
  { kid: "broken" },
  { kid: "broken", secret: 5 },
  { kid: "broken", secret: "" },
  { kid: "broken", secret: "unreadable-date", notBefore: "yesterday" },
  { kid: "broken", secret: "unreadable-date", notAfter: 1_700_000_000 },
  {
    kid: "broken",
    secret: "no-time",
    notBefore: "2026-06-01T00:00:00Z",
    notAfter: "2026-05-01T00:00:00Z",
  },
];

/** `odd`: what else is no secret, in this scheme. */
function withBroken(
  chance: Chance,
  stated: readonly Secret[],
  odd: readonly string[],
): readonly Secret[] {
  if (!chance.in100(15)) return stated;
  const at = chance.whole(0, stated.length);
  return stated.toSpliced(at, 0, chance.pick([...broken, ...odd]) as Secret);
}

/** The signing one counts. */
export function livingBy(
  chance: Chance,
  textOf: TextOf,
  nowMs: number,
  odd: readonly string[] = [],
): Rotation {
  const played = chance.pick(living)(chance, textOf, nowMs);
  return { ...played, stated: withBroken(chance, played.stated, odd) };
}

const bare = (textOf: TextOf, count: number, signer: number): Rotation => ({
  stated: Array.from({ length: count }, (_, n) => textOf(n)),
  signer,
  kid: fingerprint(textOf(signer)),
});

const living: readonly ((chance: Chance, textOf: TextOf, nowMs: number) => Rotation)[] = [
  (_, textOf) => bare(textOf, 1, 0),
  (chance, textOf) => bare(textOf, 2, chance.whole(0, 1)),
  // The fifth that is listed does not count; the first four do.
  (chance, textOf) => bare(textOf, 5, chance.whole(0, 3)),
  // A new one that began, perhaps this moment, beside an old one whose end is stretched.
  (chance, textOf, nowMs) => {
    const signer = chance.whole(0, 1);
    const beganMs =
      nowMs - chance.pick([0, 1, chance.whole(0, overlapMs), overlapMs - 1, overlapMs]);
    const notAfter = beganMs + chance.pick([0, 1, hourMs, chance.whole(0, overlapMs)]);
    const old = named(textOf(0), 0, { notAfter, notBefore: beganMs - 1000 * hourMs });
    const young = named(textOf(1), 1, { notBefore: beganMs });
    return { stated: chance.shuffled([old, young]), signer, kid: `key-${signer}` };
  },
  // Two rotations within one overlap: each of the three counts.
  (chance, textOf, nowMs) => {
    const signer = chance.whole(0, 2);
    const secondMs = nowMs - chance.pick([2, overlapMs, chance.whole(2, overlapMs)]);
    const thirdMs = chance.whole(secondMs + 1, nowMs);
    const stated = [
      named(textOf(0), 0, { notAfter: secondMs, notBefore: secondMs - 200 * hourMs }),
      named(textOf(1), 1, { notAfter: thirdMs, notBefore: secondMs }),
      named(textOf(2), 2, { notBefore: thirdMs }),
    ];
    return { stated: chance.shuffled(stated), signer, kid: `key-${signer}` };
  },
  // The new one has not begun.
  (chance, textOf, nowMs) => {
    const young = named(textOf(1), 1, { notBefore: nowMs + chance.whole(1, overlapMs) });
    const notAfter = nowMs + chance.pick([0, hourMs, chance.whole(0, 2 * overlapMs)]);
    const isNamed = chance.in100(50);
    const old = isNamed ? named(textOf(0), 0, { notAfter }) : textOf(0);
    const kid = isNamed ? "key-0" : fingerprint(textOf(0));
    return { stated: chance.shuffled([old, young]), signer: 0, kid };
  },
  // The old one has no name and no end.
  (chance, textOf, nowMs) => {
    const signer = chance.whole(0, 1);
    const young = named(textOf(1), 1, { notBefore: nowMs - 1000 * hourMs });
    const kid = signer === 0 ? fingerprint(textOf(0)) : "key-1";
    return { stated: chance.shuffled([textOf(0), young]), signer, kid };
  },
];

/** The signing one, text 0, does not count: any more, yet, or at all. */
export const deadBy = (chance: Chance, textOf: TextOf, nowMs: number): readonly Secret[] =>
  chance.pick(dead)(chance, textOf, nowMs);

const dead: readonly ((chance: Chance, textOf: TextOf, nowMs: number) => readonly Secret[])[] = [
  // Its successor began more than the overlap ago, and it had an end; a later one adds nothing.
  (chance, textOf, nowMs) => {
    const beganMs = nowMs - overlapMs - chance.pick([1, chance.whole(1, 1000 * hourMs)]);
    const notAfter = beganMs + chance.pick([0, overlapMs, -1000 * hourMs]);
    const old = named(textOf(0), 0, { notAfter, notBefore: beganMs - 2000 * hourMs });
    const latest = named(textOf(2), 2, { notBefore: nowMs + chance.pick([-hourMs, 0, hourMs]) });
    const others = [named(textOf(1), 1, { notBefore: beganMs }), latest];
    return chance.shuffled([old, ...others.slice(0, chance.whole(1, 2))]);
  },
  // It had ended before its successor began, which is just now, long ago, or to come.
  (chance, textOf, nowMs) => {
    const beganMs = nowMs + chance.pick([0, -1, 1, hourMs, chance.whole(-overlapMs, overlapMs)]);
    const endedMs = Math.min(beganMs, nowMs) - chance.pick([1, hourMs, 9000 * hourMs]);
    const dates = chance.in100(50) ? {} : { notBefore: endedMs - hourMs };
    const old = named(textOf(0), 0, { ...dates, notAfter: endedMs });
    return chance.shuffled([old, textOf(1), named(textOf(2), 2, { notBefore: beganMs })]);
  },
  // It has not begun.
  (chance, textOf, nowMs) =>
    chance.shuffled([named(textOf(0), 0, { notBefore: nowMs + 1 }), textOf(1)]),
  // It ended, and has no successor.
  (_, textOf, nowMs) => [named(textOf(0), 0, { notAfter: nowMs - 1 })],
  // It was taken out.
  (chance, textOf) => (chance.in100(50) ? [textOf(1)] : []),
  // Four newer ones count.
  (chance, textOf, nowMs) => {
    const agesMs = [300, 200, 100, 50, 0].map((hours) => hours * hourMs);
    const five = agesMs.map((ageMs, n) => named(textOf(n), n, { notBefore: nowMs - ageMs }));
    return chance.shuffled(five);
  },
  // Its dates cannot be read.
  (chance, textOf) => {
    const notBefore = chance.pick(["", "soon", "2026-13-01"]);
    return [{ kid: "key-0", secret: textOf(0), notBefore }];
  },
];

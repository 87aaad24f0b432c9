/**
 * What happens in a world, as data: everything is drawn from the seed beforehand, so that parts of it
 * can be left out while a failure is shrunk. Faults are drawn as it runs, by the shares given here.
 */
import type { Draft } from "../../../providers/provider.ts";
import { type Chance, chanceOf } from "../../oracle/chance.ts";
import { type Item, itemsOf, type StreamKind } from "./records.ts";

/** Of a hundred calls, messages, alarms or steps, so many. */
export interface Troubles {
  readonly loss: number;
  readonly replay: number;
  readonly fail: number;
  readonly crash: number;
  /** Calls that take their time, so that others come between. */
  readonly slow: number;
  readonly lateAlarm: number;
}
export const noTroubles: Troubles = {
  loss: 0,
  replay: 0,
  fail: 0,
  crash: 0,
  slow: 0,
  lateAlarm: 0,
};
const troublesMax: Troubles = {
  loss: 30,
  replay: 50,
  fail: 10,
  crash: 2,
  slow: 60,
  lateAlarm: 30,
};

export interface Account {
  readonly provider: string;
  /** The provider's word for it. */
  readonly account: string;
}
export interface Person {
  readonly accounts: readonly Account[];
  readonly zone: string;
  readonly onBoards: boolean;
}

/** `atMs` is counted from the world's beginning; people and accounts are named by their place. */
export type Happening = { readonly atMs: number } & (
  | {
      readonly kind: "deliver";
      readonly person: number;
      readonly account: number;
      readonly drafts: readonly Draft[];
    }
  | {
      readonly kind: "settings";
      readonly person: number;
      readonly version: number;
      readonly zone: string;
      readonly onBoards: boolean;
    }
  | {
      readonly kind: "decide";
      readonly person: number;
      readonly decision: "join" | "split" | "clear";
      /** Records, by account and the source's own id. */
      readonly of: readonly (readonly [account: number, sourceId: string])[];
    }
  | { readonly kind: "night" }
  | { readonly kind: "settle"; readonly nth: number }
  | { readonly kind: "poison" }
  | { readonly kind: "evict"; readonly what: Part }
  | { readonly kind: "alarms-lost" }
  | { readonly kind: "alarms-twice" }
  | { readonly kind: "skew"; readonly what: Part; readonly ms: number }
  | { readonly kind: "pause"; readonly ms: number }
  | { readonly kind: "outage"; readonly port: OutagePort; readonly ms: number }
  | { readonly kind: "act"; readonly nth: number; readonly seed: number }
  | { readonly kind: "erase"; readonly person: number }
  | { readonly kind: "leave"; readonly person: number; readonly account: number }
);
export const parts = ["edge", "ledger", "board", "archive", "vault"] as const;
export type Part = (typeof parts)[number];
/** Ports whose names begin so may be down altogether for a while. */
export const outagePorts = ["warehouse", "archive", "ledger", "board", "vault", "changes"] as const;
export type OutagePort = (typeof outagePorts)[number];

export interface Scenario {
  readonly seed: number;
  readonly stream: StreamKind;
  readonly startMs: number;
  readonly people: readonly Person[];
  readonly troubles: Troubles;
  readonly happenings: readonly Happening[];
}

const minuteMs = 60_000;
/** How long things go on happening. */
const activeMs = 40 * minuteMs;
/** Longer than a message is tried again, so that some become dead letters. */
const outageMsMax = 6 * minuteMs;
const jumpMsMax = 26 * 60 * minuteMs;
const skewMsMax = 10 * minuteMs;
/** Its bucket's clock and its own are taken to be a minute apart at most (run-erase.ts). */
const archiveSkewMsMax = 50_000;
const zones = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC"];
/** A plain day, the nights when clocks change, a leap day, a year's end, a week that is two years'. */
const starts = [
  Date.UTC(2026, 10, 17, 9),
  Date.UTC(2026, 9, 24, 22),
  Date.UTC(2027, 2, 27, 23),
  Date.UTC(2028, 1, 28, 22),
  Date.UTC(2026, 11, 31, 22),
  Date.UTC(2027, 0, 3, 23),
];
const providersOf: Readonly<Record<StreamKind, readonly string[]>> = {
  workouts: ["garmin", "google-health", "apple-health", "strava"],
  listens: ["listenbrainz", "audioscrobbler", "listen-webhooks"],
  sales: ["shopify", "square", "poslog"],
};

/** A world's own seed: of a run's seed and the world's number in it (an avalanche of both). */
export function seedOf(run: number, nth: number): number {
  let x = Math.imul(run ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(nth + 1, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 0;
}

export function scenarioOf(seed: number, acts: number): Scenario {
  const chance = chanceOf(seed);
  const stream: StreamKind = chance.in100(70)
    ? "workouts"
    : chance.pick(["listens", "sales"] as const);
  const startMs = chance.pick(starts) + chance.whole(0, 180) * minuteMs;
  const people = Array.from({ length: chance.whole(1, 3) }, (_, n) => personOf(chance, stream, n));
  const troubles = troublesOf(chance);
  const happenings = [
    ...deliveries(chance, stream, startMs, people),
    ...settings(chance, people),
    ...(stream === "workouts" ? decisions(chance, people) : []),
    ...mishaps(chance),
    ...erasures(chance, people),
    ...Array.from({ length: acts }, (): Happening => {
      const [nth, own] = [chance.whole(0, 1_000_000), chance.whole(0, 0x7fffffff)];
      return { kind: "act", atMs: chance.whole(0, activeMs), nth, seed: own };
    }),
  ].sort((a, b) => a.atMs - b.atMs);
  return { seed, stream, startMs, people, troubles, happenings };
}

function personOf(chance: Chance, stream: StreamKind, nth: number): Person {
  const names = chance.shuffled(providersOf[stream]).slice(0, chance.whole(1, 3));
  return {
    accounts: names.map((provider) => ({ provider, account: `${provider}-of-${nth}` })),
    zone: chance.pick(zones),
    onBoards: chance.in100(80),
  };
}

/** In a third of all worlds a kind of trouble is not met at all. */
function troublesOf(chance: Chance): Troubles {
  const share = (most: number) => (chance.in100(33) ? 0 : chance.next() * most);
  return {
    loss: share(troublesMax.loss),
    replay: share(troublesMax.replay),
    fail: share(troublesMax.fail),
    crash: share(troublesMax.crash),
    slow: share(troublesMax.slow),
    lateAlarm: share(troublesMax.lateAlarm),
  };
}

/** Each statement of each record comes in some body; bodies come in any order. */
function deliveries(
  chance: Chance,
  stream: StreamKind,
  startMs: number,
  people: readonly Person[],
): Happening[] {
  const bodies: Happening[] = [];
  people.forEach((person, nth) => {
    const items = itemsOf(chance, stream, startMs, person);
    person.accounts.forEach((_, account) => {
      const mine = chance.shuffled(items.filter((item: Item) => item.account === account));
      for (let from = 0; from < mine.length; ) {
        const size = chance.whole(1, 4);
        const drafts = mine.slice(from, from + size).map(({ draft }) => draft);
        const atMs = chance.whole(0, activeMs);
        bodies.push({ kind: "deliver", atMs, person: nth, account, drafts });
        from += size;
      }
    });
  });
  return bodies;
}

/** The first ones come with signing up, before anything else; later ones now and then. */
function settings(chance: Chance, people: readonly Person[]): Happening[] {
  return people.flatMap(({ zone, onBoards }, person): Happening[] => {
    const first: Happening = { kind: "settings", atMs: 0, person, version: 1, zone, onBoards };
    const later = Array.from({ length: chance.in100(25) ? chance.whole(1, 2) : 0 }, (_, i) => ({
      kind: "settings" as const,
      atMs: chance.whole(minuteMs, activeMs),
      person,
      version: i + 2,
      zone: chance.pick(zones),
      onBoards: chance.in100(70),
    }));
    return [first, ...later];
  });
}

/** By hand, about records that may not have come yet, or be gone. */
const decisions = (chance: Chance, people: readonly Person[]): Happening[] =>
  people.flatMap(({ accounts }, person) =>
    Array.from({ length: chance.in100(40) ? chance.whole(1, 2) : 0 }, (): Happening => {
      const account = chance.whole(0, accounts.length - 1);
      const nth = chance.whole(0, 2);
      const other = (account + 1) % accounts.length;
      const also = chance.in100(60) ? `r${nth}-also` : `r${chance.whole(0, 2)}`;
      const of = [[account, `r${nth}`] as const, [other, also] as const];
      const decision = chance.pick(["join", "split", "clear"] as const);
      const atMs = chance.whole(minuteMs, activeMs);
      return { kind: "decide", atMs, person, decision, of };
    }),
  );

function mishaps(chance: Chance): Happening[] {
  const at = () => chance.whole(0, activeMs);
  const some = (share: number, make: () => Happening): Happening[] =>
    chance.in100(share) ? Array.from({ length: chance.whole(1, 2) }, make) : [];
  return [
    ...some(35, () => ({ kind: "night", atMs: at() })),
    ...some(15, () => ({ kind: "settle", atMs: at(), nth: chance.whole(1, 99) })),
    ...some(10, () => ({ kind: "poison", atMs: at() })),
    ...some(40, () => ({ kind: "evict", atMs: at(), what: chance.pick(parts) })),
    ...some(20, () => ({ kind: "alarms-lost", atMs: at() })),
    ...some(20, () => ({ kind: "alarms-twice", atMs: at() })),
    ...some(25, () => {
      const what = chance.pick(parts);
      const most = what === "archive" ? archiveSkewMsMax : skewMsMax;
      return { kind: "skew", atMs: at(), what, ms: chance.whole(-most, most) };
    }),
    ...some(20, () => {
      const port = chance.pick(outagePorts);
      return { kind: "outage", atMs: at(), port, ms: chance.whole(minuteMs, outageMsMax) };
    }),
    ...some(10, () => ({ kind: "pause", atMs: at(), ms: chance.whole(minuteMs, jumpMsMax) })),
  ];
}

/** All of somebody, or what came by one of their accounts. */
const erasures = (chance: Chance, people: readonly Person[]): Happening[] =>
  people.flatMap(({ accounts }, person): Happening[] => {
    const at = () => chance.whole(minuteMs, activeMs);
    const account = chance.whole(0, accounts.length - 1);
    return [
      ...(chance.in100(7) ? [{ kind: "erase", atMs: at(), person } as const] : []),
      ...(chance.in100(7) ? [{ kind: "leave", atMs: at(), person, account } as const] : []),
    ];
  });

/**
 * What a person's accounts state: records, each a few statements from its first to its last, some of
 * them wrong, moved to another day or taken back; some told by a second account as well. Of one
 * record no two statements share a revision, but for a deletion of what stands at that revision.
 */
import type { Draft } from "../../../providers/provider.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { Person } from "./scenario.ts";

export const streamKinds = ["workouts", "listens", "sales"] as const;
export type StreamKind = (typeof streamKinds)[number];

/** A statement, and which of the person's accounts makes it. */
export interface Item {
  readonly account: number;
  readonly draft: Draft;
}
type Fields = Readonly<Record<string, unknown>>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const recordsMax = 5;
/** A listen of before would be parked, and none of them is to be. */
const listensBeginMs = Date.UTC(2002, 9, 2);
const revisionStepMax = 1000;

/** Lately as a rule; or a month late, in 1970, or not yet. */
function timeOf(chance: Chance, startMs: number): number {
  if (chance.in100(90)) return startMs - chance.whole(0, 40 * 60) * 60_000;
  const odd = [startMs - 30 * dayMs, 5 * hourMs, startMs + 3 * dayMs, startMs + 400 * dayMs];
  return chance.pick(odd) + chance.whole(0, 600) * 1000;
}

export function itemsOf(
  chance: Chance,
  stream: StreamKind,
  startMs: number,
  { accounts }: Person,
): Item[] {
  return Array.from({ length: chance.whole(1, recordsMax) }, (_, nth) => {
    const first = fieldsOf[stream](chance, timeOf(chance, startMs));
    const account = chance.whole(0, accounts.length - 1);
    const told = history(chance, stream, account, `r${nth}`, first);
    if (stream === "sales" || accounts.length < 2 || !chance.in100(45)) return told;
    const other = (account + 1) % accounts.length;
    const again = { ...first, at: Number(first.at) + chance.whole(-20, 20) * 1000 };
    return [...told, ...history(chance, stream, other, `r${nth}-also`, again)];
  }).flat();
}

/** Its statements, oldest first. */
function history(
  chance: Chance,
  stream: StreamKind,
  account: number,
  sourceId: string,
  first: Fields,
): Item[] {
  const items: Item[] = [];
  let revision = chance.whole(0, 5);
  let fields = first;
  const next = () => {
    revision += chance.whole(1, revisionStepMax);
    return revision;
  };
  const state = (fact: Fields, at: number) => {
    const raw = { column: "raw", text: JSON.stringify({ sourceId, said: at }) };
    items.push({ account, draft: { sourceId, revision: at, fields: fact, copyOf: null, raw } });
  };
  const takeBack = (at: number) =>
    items.push({ account, draft: { sourceId, revision: at, retracted: true } });
  state(fields, next());
  for (let n = chance.in100(55) ? chance.whole(1, 2) : 0; n > 0; n--) {
    if (chance.in100(12)) takeBack(next());
    fields = { ...fields, ...corrections[stream](chance, fields) };
    state(fields, next());
  }
  if (chance.in100(15)) takeBack(chance.in100(50) ? revision : next());
  return items;
}

const fieldsOf: Readonly<Record<StreamKind, (chance: Chance, at: number) => Fields>> = {
  workouts: (chance, at) => ({
    at,
    type: chance.pick(["running", "cycling", "walking", "swimming", "other", "yoga"]),
    elapsedMs: chance.whole(5, 150) * 60_000,
    movingMs: null,
    distanceMm: chance.in100(80) ? chance.whole(500, 60_000) * 1000 : null,
    energyMcal: chance.in100(50) ? chance.whole(50, 900) * 1_000_000 : null,
    elevationGainMm: null,
    offsetMin: chance.in100(40) ? null : chance.pick([0, 60, 120, -300, 330, 780]),
    method: chance.pick(["device", "phone", "unknown", "manual"]),
    deviceModel: null,
    app: null,
    ...(chance.in100(60) ? { heartRate: [{ t: at, bpm: chance.whole(90, 180) }] } : {}),
  }),
  listens: (chance, when) => {
    const at = Math.max(listensBeginMs, when);
    const [artist, track] = [`Artist ${chance.whole(1, 2)}`, `Track ${chance.whole(1, 3)}`];
    return {
      at,
      ...{ artist, track, release: null, recording: null },
      ...{ artistKey: artist.toLowerCase(), trackKey: track.toLowerCase() },
      durationMs: chance.in100(70) ? chance.whole(60, 600) * 1000 : null,
      playedMs: chance.in100(50) ? chance.whole(5, 600) * 1000 : null,
      territory: chance.pick(["DE", "US", "ZZ"]),
      precisionMs: chance.pick([1, 1000, 60_000]),
    };
  },
  sales: (chance, at) => ({
    at,
    ...{ store: `store-${chance.whole(1, 2)}`, region: null, currency: "EUR" },
    businessDay: new Date(at).toISOString().slice(0, 10),
    lines: linesOf(chance),
    references: chance.in100(50) ? [`ref-${chance.whole(1, 99)}`] : [],
    cards: [],
  }),
};

const linesOf = (chance: Chance) =>
  Array.from({ length: chance.whole(0, 3) }, () => ({
    kind: chance.pick(["item", "shipping", "discount", "payment"]),
    sku: chance.in100(70) ? `sku-${chance.whole(1, 3)}` : null,
    quantity: chance.whole(-2, 5),
    amountMinor: chance.whole(-500, 9000),
  }));

const corrections: Readonly<Record<StreamKind, (chance: Chance, of: Fields) => Fields>> = {
  workouts: (chance, { at, heartRate }) => {
    const moved = Math.max(0, Number(at) + chance.whole(-30, 30) * hourMs);
    const samples = heartRate === undefined ? {} : { heartRate: [{ t: moved, bpm: 120 }] };
    return chance.pick([
      { distanceMm: chance.whole(500, 60_000) * 1000 },
      { at: moved, ...samples },
      { type: chance.pick(["running", "cycling", "walking"]) },
      { offsetMin: chance.pick([null, 0, 60, -600]) },
    ]);
  },
  listens: (chance, { at }) =>
    chance.pick([
      { playedMs: chance.whole(5, 600) * 1000 },
      { at: Math.max(listensBeginMs, Number(at) + chance.whole(-30, 30) * hourMs) },
    ]),
  sales: (chance) =>
    chance.pick([
      { lines: linesOf(chance) },
      { businessDay: `2026-11-${String(chance.whole(10, 20))}` },
      { store: `store-${chance.whole(1, 2)}` },
    ]),
};

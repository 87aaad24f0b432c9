/**
 * Real names of things, by what they name, with whose they are; taken from what the system answered.
 * A parameter or a property of a name that is known gets one: mostly the caller's own, now and then
 * another's, or one of the same form that nobody has.
 */
import type { Chance } from "../oracle/chance.ts";

interface Named {
  readonly value: string;
  /** Null: everybody's. */
  readonly owner: string | null;
}

/** How many of a kind and an owner are remembered; newer ones take their place. */
const remembered = 40;

/** Of parameters and properties whose name is not the pool's own. */
const poolNames: Readonly<Record<string, string>> = {
  ...{ board: "leaderboards", team: "teams", friend: "members", member: "members" },
  ...{ merchant: "merchants", workout: "workouts", decision: "decisions", records: "records" },
  ...{ connection: "connections", provider: "providers", code: "codes" },
  ...{ from: "days", to: "days", start: "days", end: "days", date: "days", day: "days" },
  ...{ week: "weeks", period: "periods", until: "coming", countedAt: "lately", of: "merchants" },
  ...{
    returnTo: "returns",
    zoneFrom: "moments",
    column: "columns",
    artist: "artists",
    types: "types",
    zone: "zones",
  },
  ...{ "last-event-id": "numbers", order: "devices", actor: "members", number: "numbers" },
  ...{ n: "numbers", index: "numbers", log: "numbers", state: "codes", stream: "streams" },
};

const days = ["2026-09-30", "2026-10-12", "2026-10-13", "2026-10-14", "2026-10-15", "2026-11-14"];
const tiles = [
  "0/000",
  "0/000.p/5",
  "entries/000",
  "entries/000.p/5",
  "1/000",
  "8/000",
  "checkpoint",
];
/** Everybody's, and the same in every world. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  days,
  moments: days.flatMap((d) => [`${d}T06:10:00Z`, `${d}T08:10:00+02:00`]),
  weeks: ["week", "2026-W42", "2026-W47"],
  periods: ["week", "month", "all", "2026-W42", "2026-10", "2026-11", "2026-09"],
  zones: ["Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "UTC"],
  months: ["2026-09", "2026-10", "2026-11"],
  artists: ["Kraftwerk", "kraftwerk", "The Dike Runners"],
  columns: ["heart_rate", "track", "title", "notes", "device_name", "samples_activity"],
  types: ["steps", "heart_rate", "steps,heart_rate,sleep", "distance", "body_mass"],
  streams: ["workouts", "samples", "listens", "sales"],
  numbers: ["0", "1", "2", "7", "1000000"],
  tiles,
  files: ["payout-1", "payout-2.csv"],
  names: ["autumn", "winter-1", "workouts-0001.ndjson", "samples-0001.parquet"],
  stores: ["Dam", "9", "Mill Lane"],
  skus: ["SKU-1", "MUG-1", "SKU-2"],
  customers: ["c-7", "customer-1"],
  devices: ["phone-1", "watch-1"],
};

/** Of these nothing is learned. */
const fixedPools = ["leaderboards", "settlements", "snapshots", "stock"];

export class Pools {
  readonly #by = new Map<string, Named[]>();

  constructor() {
    for (const [pool, values] of Object.entries(fixed))
      for (const value of values) this.add(pool, value, null);
  }

  add(pool: string, value: string, owner: string | null): void {
    const all = this.#by.get(pool) ?? [];
    if (all.some((one) => one.value === value)) return;
    const same = all.filter((one) => one.owner === owner);
    const kept = same.length < remembered ? all : all.filter((one) => one !== same[0]);
    this.#by.set(pool, [...kept, { value, owner }]);
  }

  #of(pool: string, may: (owner: string | null) => boolean): readonly string[] {
    const all = this.#by.get(pool) ?? [];
    return all.filter(({ owner }) => may(owner)).map(({ value }) => value);
  }

  /** Undefined: nothing of that kind is known. */
  pick(
    chance: Chance,
    pool: string,
    caller: string,
    spared: readonly string[],
  ): string | undefined {
    const kind = chance.whole(0, 99);
    const isSpared = (owner: string | null) => owner !== null && spared.includes(owner);
    const own = this.#of(pool, (owner) => owner === caller || owner === null);
    const foreign = this.#of(pool, (owner) => owner !== caller && !isSpared(owner));
    const from = kind < 65 && own.length > 0 ? own : foreign;
    if (from.length === 0) return own.length === 0 ? undefined : chance.pick(own);
    const value = chance.pick(from);
    return kind >= 88 ? madeUp(chance, value) : value;
  }

  /** Another's, and nobody else's; undefined: there is none. */
  foreign(chance: Chance, pool: string, caller: string): string | undefined {
    const all = this.#of(pool, (owner) => owner !== null && owner !== caller);
    return all.length === 0 ? undefined : chance.pick(all);
  }
}

/** Of the same form, and nobody's. */
export function madeUp(chance: Chance, value: string): string {
  const [, prefix = "", rest = ""] = /^([a-z]{1,3}_|)(.*)$/s.exec(value) ?? [];
  const other = (c: string) => {
    if (/\d/.test(c)) return String(chance.whole(0, 9));
    if (/[a-f]/.test(c)) return chance.pick([..."abcdef"]);
    if (/[A-Z]/.test(c)) return chance.pick([..."ABCXYZ"]);
    return c;
  };
  return prefix + [...rest].map(other).join("");
}

/** Which pool a parameter of a path is from: by its name, or by what stands before it. */
export function poolOfParameter(name: string, before: string): string {
  if (name === "path") return "tiles";
  if (before === "royalties") return "months";
  if (name === "name" || name === "file") return `${name}s`;
  const named = poolNames[name];
  if (named !== undefined && !(name === "connection")) return named;
  if (["store", "sku", "card", "customer"].includes(name)) return `${name}s`;
  return before;
}

/** Undefined: the name of a property says nothing. */
export const poolOfProperty = (name: string, route: string): string | undefined => {
  if (name === "workouts") return name;
  if (name === "cursor") return cursorsOf(route);
  const isSpan = ["from", "to"].includes(name);
  if (isSpan && ofMoments.test(route)) return "moments";
  if (isSpan && ofMonths.test(route)) return "months";
  if (isSpan && route.includes("challenges")) return "coming days";
  return poolNames[name];
};

/** A list's cursors are its own: another's are refused at the door. */
const cursorsOf = (route: string): string => `cursors of ${route.split(" ").at(-1)}`;

/** Where a span is between two moments, and between two months; elsewhere it is of days. */
const ofMoments = /workouts|listens|samples|access-log|readings|audit|consents/;
const ofMonths = /royalties/;

/** What an answer of success names: the things of its route, cursors, codes, records. */
export function learn(pools: Pools, route: string, owner: string, body: unknown): void {
  const steps = route.split("/").filter((step) => step !== "" && !step.startsWith("{"));
  const pool = steps.filter((s) => !["v1", "ops", "me", "openapi.json"].includes(s)).at(-1);
  if (pool === undefined || fixedPools.includes(pool) || typeof body !== "object" || body === null)
    return;
  const whose = ["providers", "challenges", "logs"].includes(pool) ? null : owner;
  const { items, next, ...alone } = body as Record<string, unknown>;
  if (typeof next === "string") pools.add(cursorsOf(route), next, whose);
  for (const item of [alone, ...(Array.isArray(items) ? items.slice(0, 10) : [])]) {
    if (typeof item !== "object" || item === null) continue;
    const { id, code, sources } = item as Record<string, unknown>;
    if (typeof id === "string") pools.add(pool, id, whose);
    if (typeof code === "string") pools.add("codes", code, whose);
    for (const source of Array.isArray(sources) ? sources : [])
      if (typeof source?.record === "string") pools.add("records", source.record, whose);
  }
}

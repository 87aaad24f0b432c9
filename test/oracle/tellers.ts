/**
 * Who tells of a workout, and how: the raw statements of one record from its first, wrong ones to
 * the one that is right. A later statement has a greater revision; whatever the order in which they
 * are delivered, the last one is what its source says.
 */
import type { FactId } from "../../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { offsetIn } from "../../domain/time.ts";
import type { Chance } from "./chance.ts";

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** In falling order of trust, as docs/counting.md has it: "whose numbers count". */
export const tellers = {
  watch: { trust: 0, provider: "garmin", method: "device", hasTrack: true },
  phone: { trust: 1, provider: "apple-health", method: "phone", hasTrack: true },
  band: { trust: 2, provider: "google-health", method: "unknown", hasTrack: true },
  typed: { trust: 4, provider: "apple-health", method: "manual", hasTrack: false },
  /** Sees as well as a watch, but what it says is its owner's alone and counts nowhere. */
  club: { trust: 0, provider: "strava", method: "device", hasTrack: true },
} as const;
/** Providers whose word is their owner's alone. */
export const ownerOnly: readonly string[] = [tellers.club.provider];
export type TellerName = keyof typeof tellers;
/** Counted steps come just before what was typed in. */
const stepsTrust = 3;

/** What a source says of a workout. */
export interface Telling {
  readonly at: number;
  readonly type: string;
  readonly elapsedMs: number;
  readonly movingMs: number | null;
  readonly distanceMm: number | null;
  readonly offsetMin: number | null;
}

/** One record: an identity and how far each of its numbers is to be trusted. Lower is better. */
export interface Told {
  readonly id: FactId;
  /** Nobody but its owner learns of it. */
  readonly isOwners: boolean;
  readonly trust: number;
  readonly distanceTrust: number;
  /** Oldest first; the last one is what its source says in the end. */
  readonly statements: readonly OpenStatement[];
}

export interface Who {
  readonly member: string;
  readonly zone: string;
}

export interface TellOptions {
  /** Of the record that this one is a copy of. */
  readonly copyOf?: string | null;
  readonly isSteps?: boolean;
  /** What may become of it: left alone, it is never retracted in the end. */
  readonly mayGo?: boolean;
  /** Told once, and never wrong. */
  readonly isPlain?: boolean;
}

export const originOf = (id: string): string => `origin-${id}`;

export function tell(
  chance: Chance,
  who: Who,
  id: string,
  name: TellerName,
  right: Telling,
  options: TellOptions = {},
): Told {
  const teller = tellers[name];
  const { isSteps = false, copyOf = null } = options;
  const fact = (revision: number, telling: Telling, edition?: number): OpenFact => ({
    id: id as FactId,
    revision,
    ...telling,
    member: who.member,
    connection: `con-${teller.provider}-${who.member}`,
    provider: teller.provider,
    originId: originOf(id),
    copyOf,
    energyMcal: null,
    elevationGainMm: null,
    method: teller.method,
    deviceModel: null,
    app: null,
    speedMmps: null,
    hasTrack: teller.hasTrack && !isSteps,
    heartRateBy: null,
    ...(edition === undefined ? {} : { edition }),
  });
  const statements = options.isPlain
    ? [fact(1, right)]
    : history(chance, who, id as FactId, right, fact, options.mayGo ?? true);
  const distanceTrust = isSteps ? stepsTrust : teller.trust;
  const isOwners = ownerOnly.includes(teller.provider);
  return { id: id as FactId, isOwners, trust: teller.trust, distanceTrust, statements };
}

/** Wrong first, retracted and told anew, read again by a later edition, right in the end. */
function history(
  chance: Chance,
  who: Who,
  id: FactId,
  right: Telling,
  fact: (revision: number, telling: Telling, edition?: number) => OpenFact,
  mayGo: boolean,
): OpenStatement[] {
  const said: OpenStatement[] = [];
  let revision = chance.whole(1, 5);
  const next = () => {
    const now = revision;
    revision += chance.whole(1, 1000);
    return now;
  };
  const mistakes = chance.in100(45) ? chance.whole(1, 3) : 0;
  for (let i = 0; i < mistakes; i++) said.push(fact(next(), mistaken(chance, who, right)));
  if (chance.in100(8)) said.push({ id, revision: next(), retracted: true });
  if (chance.in100(6)) {
    // The same statement, read wrongly by an older edition of its provider's reading.
    const same = next();
    said.push(fact(same, mistaken(chance, who, right)), fact(same, right, 2));
  } else said.push(fact(next(), right));
  const last = said.at(-1) as OpenFact;
  if (mayGo && chance.in100(10))
    said.push({ id, revision: chance.in100(50) ? last.revision : next(), retracted: true });
  return said;
}

/** What a source says before it corrects itself. */
export function mistaken(chance: Chance, who: Who, right: Telling): Telling {
  const distance = right.distanceMm;
  const kind = chance.pick(["distance", "midnight", "date", "zone", "type", "length"] as const);
  switch (kind) {
    case "distance":
      return {
        ...right,
        distanceMm: distance === null ? null : Math.round(distance * (0.7 + chance.next() * 0.5)),
      };
    case "midnight":
      return { ...right, at: acrossMidnight(chance, who.zone, right.at) };
    case "date": {
      // Over a month's end, often: a device that had lost the date.
      const days = chance.pick([-31, -30, -7, -2, -1, 1, 2, 7, 30]);
      return { ...right, at: right.at + days * dayMs };
    }
    case "zone":
      return { ...right, offsetMin: chance.pick([null, 0, -600, -300, 330, 540, 780]) };
    case "type":
      return { ...right, type: chance.pick(["other", "running", "cycling", "rowing"]) };
    case "length":
      return { ...right, elapsedMs: right.elapsedMs * 2, movingMs: null };
  }
}

/** To the other side of the nearest midnight where the member was. */
function acrossMidnight(chance: Chance, zone: string, at: number): number {
  const localMs = at + offsetIn(zone, at) * minuteMs;
  const sinceMs = localMs % dayMs;
  const beyondMs = chance.whole(1, 90) * minuteMs;
  return sinceMs > dayMs / 2 ? at + (dayMs - sinceMs) + beyondMs : at - sinceMs - beyondMs;
}

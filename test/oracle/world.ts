/**
 * A day on which so many statements arrive. First what really happened, over the ninety days before
 * (`outings.ts`); from it what each source said of it, right and wrong (`tellers.ts`); then how it
 * was delivered: everything shuffled, much of it twice or more. Two outings of one member never lie
 * within a day of each other, but for the ones made on one day on purpose; so what is one workout is
 * known by construction. The same seed makes the same world.
 */
import type { MemberSettings, OpenStatement } from "../../domain/ports.ts";
import { bucketOf } from "../../domain/ports.ts";
import { offsetIn } from "../../domain/time.ts";
import { type Chance, chanceOf } from "./chance.ts";
import {
  forwarded,
  halves,
  joined,
  type Outing,
  parted,
  plain,
  type Room,
  shifted,
  tooFast,
} from "./outings.ts";
import { dayMs, hourMs, minuteMs } from "./tellers.ts";

type Zones = MemberSettings["zones"];

export interface Member {
  readonly id: string;
  /** What holds in the end. */
  readonly zones: Zones;
  /** What its ledger was told first, where that was something else. */
  readonly zonesBefore: Zones | null;
}

export interface Delivery {
  readonly member: string;
  readonly statement: OpenStatement;
}

export interface World {
  readonly seed: number;
  readonly members: readonly Member[];
  readonly outings: readonly Outing[];
  /** In the order in which they arrive. */
  readonly deliveries: readonly Delivery[];
}

export interface WorldOptions {
  readonly seed: number;
  /** How many statements arrive. */
  readonly facts: number;
  /** Members lie in the first so many buckets of the archive; default: in all. */
  readonly buckets?: number;
}

/** The day on which it all arrives. */
export const todayMs = Date.UTC(2026, 10, 20);
export const lateDaysMax = 90;
const bucketsOfStream = 16;
/** One outing's room; what begins in its middle stays a day away from its neighbours. */
const roomDays = 4;
const roomMarginMs = 30 * hourMs;
/** One outing is delivered as at most so many statements. */
const perOutingMax = 60;

const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Auckland",
  "America/St_Johns",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "Asia/Tokyo",
  "UTC",
] as const;

export function worldOf({ seed, facts, buckets = bucketsOfStream }: WorldOptions): World {
  const chance = chanceOf(seed);
  const members: Member[] = [];
  const outings: Outing[] = [];
  const deliveries: Delivery[] = [];
  for (let n = 0; deliveries.length < facts - perOutingMax; n++) {
    const member = memberOf(chance, idOf(seed, n, buckets));
    members.push(member);
    for (const room of roomsOf(chance, member)) {
      if (deliveries.length >= facts - perOutingMax) break;
      const made = outingsIn(chance, room);
      outings.push(...made);
      for (const outing of made) deliveries.push(...deliveriesOf(chance, outing));
    }
  }
  // The rest of the day is repetitions.
  const told = deliveries.length;
  while (deliveries.length < facts)
    deliveries.push(deliveries[chance.whole(0, told - 1)] as Delivery);
  return { seed, members, outings, deliveries: chance.shuffled(deliveries) };
}

/** The first id of that number which lies in one of the buckets. */
function idOf(seed: number, n: number, buckets: number): string {
  for (let tries = 0; ; tries++) {
    const id = `mem_${seed}_${n}_${tries}`;
    if (bucketOf(id, bucketsOfStream) < buckets) return id;
  }
}

function memberOf(chance: Chance, id: string): Member {
  const home = { zone: chance.pick(zones), fromMs: 0 };
  const movedMs = todayMs - chance.whole(10, 80) * dayMs;
  const away = { zone: chance.pick(zones), fromMs: movedMs };
  const held = chance.in100(25) ? [home, away] : [home];
  const zonesBefore = chance.in100(15) ? [{ zone: chance.pick(zones), fromMs: 0 }] : null;
  return { id, zones: held, zonesBefore };
}

/** Rooms of the last ninety days, today's always, the others as they come. */
function roomsOf(chance: Chance, { id, zones: held }: Member): Room[] {
  const phaseMs = chance.whole(0, 71) * hourMs;
  const count = Math.floor(lateDaysMax / roomDays) - 1;
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => i === 0 || chance.in100(45))
    .map((i) => {
      const from = todayMs - (i + 1) * roomDays * dayMs - phaseMs + roomMarginMs;
      const zone = held.findLast((z) => z.fromMs <= from)?.zone ?? "UTC";
      const at = placed(chance, zone, from);
      return {
        who: { member: id, zone },
        name: `${id}-${i}`,
        at,
        offsetMin: offsetIn(chance.in100(90) ? zone : chance.pick(zones), at),
      };
    });
}

/** Anywhere in the room's middle; often near midnight where the member was, at a month's end too. */
function placed(chance: Chance, zone: string, fromMs: number): number {
  const anywhere = fromMs + chance.whole(0, 35) * hourMs + chance.whole(0, 59) * minuteMs;
  if (chance.in100(50)) return anywhere;
  const localMs = fromMs + offsetIn(zone, fromMs) * minuteMs;
  const midnights = [1, 2].map((d) => fromMs + d * dayMs - (localMs % dayMs));
  const isMonth = (ms: number) =>
    new Date(ms + offsetIn(zone, ms) * minuteMs + hourMs).getUTCDate() === 1;
  const midnight = midnights.find(isMonth) ?? midnights[0] ?? fromMs;
  return midnight + chance.whole(-40, 40) * minuteMs;
}

function outingsIn(chance: Chance, room: Room): Outing[] {
  const kind = chance.whole(1, 100);
  if (kind <= 50) return [plain(chance, room)];
  if (kind <= 57) return [shifted(chance, room)];
  if (kind <= 64) return [forwarded(chance, room)];
  if (kind <= 72) return [halves(chance, room)];
  if (kind <= 80) return [parted(chance, room)];
  if (kind <= 88) return [joined(chance, room)];
  if (kind <= 94) return [tooFast(chance, room)];
  // Twice on one day.
  const later = { ...room, name: `${room.name}-b`, at: room.at + chance.whole(6, 9) * hourMs };
  return [plain(chance, room, [20, 50]), plain(chance, later, [70, 130])];
}

/** Each at least once, a third of them again. */
function deliveriesOf(chance: Chance, { member, records, decisions }: Outing): Delivery[] {
  const statements = [...records.flatMap((r) => r.statements), ...decisions];
  return statements.flatMap((statement) => {
    const times = chance.in100(33) ? chance.whole(2, 4) : 1;
    return Array.from({ length: times }, () => ({ member, statement }));
  });
}

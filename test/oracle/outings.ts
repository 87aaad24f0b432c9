/**
 * What really happened, and who told of it. Each maker invents one outing, whose outcome is known
 * because it was made so: which records are one workout in the end, whether a member parted or
 * joined them by hand, and what is held back. Nothing here asks the product.
 */
import type { FactId } from "../../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import type { Chance } from "./chance.ts";
import { hourMs, minuteMs, originOf, type Telling, type Told, tell, type Who } from "./tellers.ts";

/** Of the records that stand in the end, which are one workout? */
export type Shape =
  | { readonly kind: "one" }
  /** One while the whole stands; without it, each part is a workout of its own. */
  | { readonly kind: "halves"; readonly whole: FactId }
  /** One; but each by itself while that decision stands. */
  | { readonly kind: "split"; readonly decision: FactId }
  /** Each by itself; but one while that decision stands: added up, or the most trusted. */
  | { readonly kind: "join"; readonly decision: FactId; readonly as: "sum" | "best" }
  /** One that counts for nothing at these revisions, unless that decision clears the one told. */
  | {
      readonly kind: "held";
      readonly revisions: readonly number[];
      readonly clear: FactId | null;
    };

export interface Outing {
  readonly member: string;
  readonly shape: Shape;
  readonly records: readonly Told[];
  /** Decisions and the taking back of them. */
  readonly decisions: readonly OpenStatement[];
}

/** Where and when there is room for an outing. */
export interface Room {
  readonly who: Who;
  /** What ids in it begin with. */
  readonly name: string;
  /** When it begins. */
  readonly at: number;
  /** The clock where it was. */
  readonly offsetMin: number;
}

interface Sport {
  readonly type: string;
  readonly finer: readonly string[];
  /** Metres a second. */
  readonly speed: number;
}
const sports: readonly Sport[] = [
  { type: "cycling", finer: ["mountain_biking", "gravel_cycling", "e_biking"], speed: 6.5 },
  { type: "running", finer: ["trail_running"], speed: 2.9 },
  { type: "walking", finer: ["hiking"], speed: 1.3 },
  { type: "swimming", finer: ["open_water_swimming"], speed: 0.8 },
  { type: "skiing", finer: ["cross_country_skiing"], speed: 3.5 },
];

interface Deed extends Telling {
  readonly sport: Sport;
  readonly distanceMm: number;
  readonly movingMs: number;
}

/** Odd seconds and odd millimetres: nothing agrees with another by chance. */
function deed(chance: Chance, room: Room, minutes: readonly [number, number]): Deed {
  const sport = chance.pick(sports);
  const elapsedMs =
    chance.whole(minutes[0], minutes[1]) * minuteMs + chance.whole(3, 57) * 1000 + 7;
  const movingMs = elapsedMs - chance.whole(1, Math.floor(elapsedMs / 12));
  const metres = (movingMs / 1000) * sport.speed * (0.85 + chance.next() * 0.3);
  const distanceMm = Math.round(metres * 1000);
  const { at, offsetMin } = room;
  return { at, offsetMin, type: sport.type, elapsedMs, movingMs, distanceMm, sport };
}

/** As another device saw it: a little later or earlier, a little more or less. */
function seen(chance: Chance, of: Deed): Telling {
  const { sport, ...told } = of;
  return {
    ...told,
    at: of.at + chance.whole(-60, 60) * 1000,
    elapsedMs: Math.round(of.elapsedMs * (0.98 + chance.next() * 0.04)),
    movingMs: chance.in100(60) ? of.movingMs - chance.whole(0, 60_000) : null,
    distanceMm: chance.in100(85) ? Math.round(of.distanceMm * (0.96 + chance.next() * 0.06)) : null,
    type: chance.in100(25) ? chance.pick(sport.finer) : sport.type,
    offsetMin: chance.in100(60) ? of.offsetMin : null,
  };
}

/** Watch, phone, band, and a note by hand: any of them. */
export function plain(chance: Chance, room: Room, minutes: readonly [number, number] = [20, 130]) {
  const { who, name } = room;
  const real = deed(chance, room, minutes);
  const names = (["watch", "phone", "band"] as const).filter(() => chance.in100(55));
  const records = (names.length === 0 ? (["watch"] as const) : names).map((teller) => {
    const isOnFoot = ["running", "walking"].includes(real.type);
    const isSteps = teller === "watch" && isOnFoot && chance.in100(20);
    const told = seen(chance, real);
    const type = teller === "band" && chance.in100(20) ? "other" : told.type;
    return tell(chance, who, `${name}-${teller}`, teller, { ...told, type }, { isSteps });
  });
  const typed: Telling = { ...seen(chance, real), type: real.type, movingMs: null };
  if (chance.in100(12)) records.push(tell(chance, who, `${name}-typed`, "typed", typed));
  if (chance.in100(25))
    records.push(tell(chance, who, `${name}-club`, "club", byClub(chance, real)));
  return outing(room, { kind: "one" }, records);
}

/** Often by a clock of its own, so that it is another day there. */
function byClub(chance: Chance, real: Deed): Telling {
  const told = seen(chance, real);
  return chance.in100(60) ? { ...told, offsetMin: chance.pick([-600, 780]) } : told;
}

/** The phone's clock was in another zone: the same numbers, whole hours away. */
export function shifted(chance: Chance, room: Room): Outing {
  const { who, name } = room;
  const { sport: _, ...real } = deed(chance, room, [30, 150]);
  const copy: Telling = {
    ...real,
    at: real.at + chance.whole(2, 6) * hourMs,
    elapsedMs: real.elapsedMs + 1000,
    distanceMm: real.distanceMm === null ? null : Math.round(real.distanceMm * 1.002),
  };
  return outing(room, { kind: "one" }, [
    tell(chance, who, `${name}-watch`, "watch", real),
    tell(chance, who, `${name}-phone`, "phone", copy),
  ]);
}

/** A copy that names its original, whatever its start says. */
export function forwarded(chance: Chance, room: Room): Outing {
  const { who, name } = room;
  const { sport: _, ...real } = deed(chance, room, [30, 150]);
  const at = real.at + chance.whole(61, 400) * minuteMs;
  return outing(room, { kind: "one" }, [
    tell(chance, who, `${name}-watch`, "watch", real),
    tell(
      chance,
      who,
      `${name}-band`,
      "band",
      { ...real, at },
      { copyOf: originOf(`${name}-watch`) },
    ),
  ]);
}

/** A lunch stop: the watch ran on, the band has two halves. */
export function halves(chance: Chance, room: Room): Outing {
  const { who, name } = room;
  const { sport: _, ...real } = deed(chance, room, [150, 300]);
  const half = (from: number, share: number): Telling => ({
    ...real,
    at: real.at + Math.round(real.elapsedMs * from),
    elapsedMs: Math.round(real.elapsedMs * share),
    movingMs: Math.round(real.elapsedMs * share * 0.97),
    distanceMm: Math.round((real.distanceMm ?? 0) * share * 1.03),
  });
  const [whole, isPlain] = [`${name}-watch` as FactId, chance.in100(50)];
  return outing(room, { kind: "halves", whole }, [
    tell(chance, who, whole, "watch", real),
    tell(chance, who, `${name}-band-1`, "band", half(0.01, 0.45), { mayGo: false, isPlain }),
    tell(chance, who, `${name}-band-2`, "band", half(0.52, 0.46), { mayGo: false }),
  ]);
}

/** Two on a tandem with one account: the member parts what shares its time. */
export function parted(chance: Chance, room: Room): Outing {
  const { who, name } = room;
  const real = deed(chance, room, [30, 150]);
  const one = tell(chance, who, `${name}-watch`, "watch", seen(chance, real));
  const two = tell(chance, who, `${name}-phone`, "phone", seen(chance, real));
  const decision = `${name}-split` as FactId;
  const decisions = decided(chance, decision, "split", [[one.id], [two.id]], room.at);
  return { ...outing(room, { kind: "split", decision }, [one, two]), decisions };
}

/** Two halves by one watch, hours apart; or a watch and a phone. The member says: one. */
export function joined(chance: Chance, room: Room): Outing {
  const { who, name } = room;
  const as = chance.pick(["sum", "best"] as const);
  const { sport: _, ...first } = deed(chance, room, [60, 75]);
  const second: Telling = {
    ...first,
    at: first.at + first.elapsedMs + chance.whole(35, 300) * minuteMs + 13_000,
    elapsedMs: first.elapsedMs + chance.whole(61, 300) * 1000,
    distanceMm: Math.round((first.distanceMm ?? 0) * (as === "sum" ? 1.08 : 0.91)),
  };
  const other = as === "sum" ? "watch" : "phone";
  const records = [
    tell(chance, who, `${name}-watch-1`, "watch", first, { mayGo: as === "best" }),
    tell(chance, who, `${name}-${other}-2`, other, second, { mayGo: as === "best" }),
  ];
  const decision = `${name}-join` as FactId;
  const decisions = decided(chance, decision, "join", [records.map((r) => r.id)], room.at);
  return { ...outing(room, { kind: "join", decision, as }, records), decisions };
}

/** Faster than anyone; corrected later, or not, or let pass by an operator who looked at it. */
export function tooFast(chance: Chance, room: Room): Outing {
  const { who, name } = room;
  const { sport: _, ...real } = deed(chance, room, [61, 150]);
  const wild = { ...real, type: "cycling", distanceMm: real.elapsedMs * 40 };
  const told = tell(chance, who, `${name}-watch`, "watch", wild, { isPlain: true });
  const right = { ...told.statements[0], ...real, revision: 2 } as OpenFact;
  const statements = chance.in100(40) ? [...told.statements, right] : told.statements;
  const isCleared = chance.in100(50);
  const clear = isCleared ? (`${name}-clear` as FactId) : null;
  const shape = { kind: "held", revisions: [1], clear } as const;
  const decisions =
    clear === null ? [] : decided(chance, clear, "clear", [[told.id]], room.at, [1]);
  return { ...outing(room, shape, [{ ...told, statements }]), decisions };
}

/** Sometimes it is taken back, and sometimes made again after that. */
function decided(
  chance: Chance,
  id: FactId,
  decision: "join" | "split" | "clear",
  sides: readonly (readonly FactId[])[],
  at: number,
  revisions: readonly number[] = [1, 1],
): OpenStatement[] {
  const made = (revision: number): OpenFact => ({ id, decision, sides, revisions, revision, at });
  const said: OpenStatement[] = [made(at)];
  if (chance.in100(30)) said.push({ id, revision: at + 5, retracted: true });
  if (said.length > 1 && chance.in100(30)) said.push(made(at + 9));
  return said;
}

const outing = (room: Room, shape: Shape, records: readonly Told[]): Outing => ({
  member: room.who.member,
  shape,
  records,
  decisions: [],
});

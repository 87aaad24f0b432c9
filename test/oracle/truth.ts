/**
 * What should count, from the generator's raw facts alone: plain code that imports nothing of the
 * product's resolving, merging, grouping or counting. What is one workout is known by construction
 * (`Shape`); whose numbers count is the order of trust that docs/counting.md promises, as numbers.
 */
import { Counts } from "./counts.ts";
import type { Outing } from "./outings.ts";
import type { Told } from "./tellers.ts";
import type { Delivery, Member, World } from "./world.ts";

export interface Truth extends Pick<Counts, "scores" | "totals"> {
  /** The identities of records and decisions that stand in the end: how many of each member's. */
  readonly standing: ReadonlyMap<string, Standing>;
}

/** What a source, or a member by hand, says in the end. */
interface Standing {
  readonly revision: number;
  readonly at: number;
  readonly type: string;
  readonly elapsedMs: number;
  readonly movingMs: number | null;
  readonly distanceMm: number | null;
  readonly offsetMin: number | null;
}

export function truthOf(world: World): Truth {
  const standing = standingOf(world.deliveries);
  const members = new Map(world.members.map((m) => [m.id, m]));
  const counts = new Counts();
  for (const outing of world.outings) {
    const member = members.get(outing.member);
    if (member === undefined) throw new Error("an outing has a member");
    for (const records of workoutsOf(outing, standing)) count(counts, member, records, standing);
  }
  return { scores: counts.scores, totals: counts.totals, standing };
}

/**
 * The greatest revision stands; at the same one a retraction, then the later edition. The order in
 * which they came says nothing.
 */
function standingOf(deliveries: readonly Delivery[]): Map<string, Standing> {
  const best = new Map<string, { order: readonly [number, number, number]; said: object }>();
  for (const { statement } of deliveries) {
    const isGone = "retracted" in statement;
    const edition = isGone ? 0 : ((statement.edition as number | undefined) ?? 1);
    const order = [statement.revision, Number(isGone), edition] as const;
    const held = best.get(statement.id);
    if (held === undefined || isAfter(order, held.order))
      best.set(statement.id, { order, said: statement });
  }
  return new Map(
    [...best].flatMap(([id, { said }]) => ("retracted" in said ? [] : [[id, said as Standing]])),
  );
}

function isAfter(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((n, k) => n !== b[k]);
  return i >= 0 && (a[i] ?? 0) > (b[i] ?? 0);
}

/** Records that are one workout, and whether their numbers are added up. */
interface Together {
  readonly records: readonly Told[];
  readonly isSum: boolean;
}

/** The workouts of an outing that count, each as the records that tell of it. */
function workoutsOf(outing: Outing, standing: ReadonlyMap<string, Standing>): Together[] {
  const { shape } = outing;
  const records = outing.records.filter((r) => !r.isOwners && standing.has(r.id));
  if (records.length === 0) return [];
  const one: Together[] = [{ records, isSum: false }];
  const each = records.map((r): Together => ({ records: [r], isSum: false }));
  switch (shape.kind) {
    case "one":
      return one;
    case "halves":
      return standing.has(shape.whole) ? one : each;
    case "split":
      return standing.has(shape.decision) ? each : one;
    case "join":
      return standing.has(shape.decision) && records.length > 1
        ? [{ records, isSum: shape.as === "sum" }]
        : each;
    case "held": {
      const told = standing.get(records[0]?.id ?? "");
      const isWild = told !== undefined && shape.revisions.includes(told.revision);
      const isCleared = shape.clear !== null && standing.has(shape.clear);
      return isWild && !isCleared ? [] : one;
    }
  }
}

/** Adds one workout to its member's week, month and all time, under "all" and its family. */
function count(
  counts: Counts,
  member: Member,
  { records, isSum }: Together,
  standing: ReadonlyMap<string, Standing>,
): void {
  const trusted = [...records].sort((a, b) => a.trust - b.trust);
  const says = (list: readonly Told[]) => list.flatMap((r) => standing.get(r.id) ?? []);
  const told = says(trusted);
  const byDistance = says([...records].sort((a, b) => a.distanceTrust - b.distanceTrust));
  const [best] = told;
  if (best === undefined) return;
  const at = isSum ? Math.min(...told.map((t) => t.at)) : best.at;
  const offsetMin = told.find((t) => t.offsetMin !== null)?.offsetMin ?? null;
  const day = dayOf(at, offsetMin, zoneOf(member, at));
  const stated = (list: readonly Standing[], field: "distanceMm" | "movingMs") => {
    const numbers = list.map((t) => t[field] ?? 0);
    return isSum ? sum(numbers) : (numbers.find((n) => n > 0) ?? 0);
  };
  const numbers = {
    distance: stated(byDistance, "distanceMm"),
    moving_time: stated(told, "movingMs") || best.elapsedMs,
    count: 1,
  };
  for (const period of [isoWeekOf(day), day.slice(0, 7), "all"])
    for (const key of ["all", familyOf(told)])
      for (const [measure, n] of Object.entries(numbers))
        counts.score(member.id, period, key, measure, n);
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

const familyByType: Readonly<Record<string, string>> = {
  cycling: "ride",
  mountain_biking: "ride",
  gravel_cycling: "ride",
  e_biking: "e_ride",
  running: "run",
  trail_running: "run",
  walking: "walk",
  hiking: "walk",
  swimming: "swim",
  open_water_swimming: "swim",
  skiing: "ski",
  cross_country_skiing: "ski",
  rowing: "row",
  other: "other",
};

/** Of the most trusted that names an activity; a motor is believed whoever knows of it. */
function familyOf(told: readonly Standing[]): string {
  const named = told.find((t) => t.type !== "other");
  const family = familyByType[named?.type ?? "other"];
  if (family === undefined) throw new Error(`no family for ${named?.type}`);
  return family === "ride" && told.some((t) => t.type === "e_biking") ? "e_ride" : family;
}

const zoneOf = ({ zones }: Member, at: number): string =>
  zones.findLast((z) => z.fromMs <= at)?.zone ?? "UTC";

const clocks = new Map<string, Intl.DateTimeFormat>();
/** The date on the clock where it was, by the stated offset or else by the zone. */
function dayOf(at: number, offsetMin: number | null, zone: string): string {
  if (offsetMin !== null) return new Date(at + offsetMin * 60_000).toISOString().slice(0, 10);
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
  clocks.set(zone, clock);
  return clock.format(at);
}

/** ISO 8601: the week that holds the Thursday. */
export function isoWeekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

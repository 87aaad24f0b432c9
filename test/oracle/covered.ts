/** What a world holds of each thing that it is there to try: none of these may be zero. */
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import { dayMs, minuteMs, type Told } from "./tellers.ts";
import { todayMs, type World } from "./world.ts";

export function coveredBy(world: World): Readonly<Record<string, number>> {
  const statements = new Set(world.deliveries.map((d) => d.statement));
  const chains = world.outings.flatMap((o) =>
    o.records.map((r) => r.statements.filter((s): s is OpenFact => !("retracted" in s))),
  );
  const moved = (isMoved: (from: OpenFact, to: OpenFact) => boolean) =>
    chains.filter((chain) =>
      chain.some((fact, i) => i > 0 && isMoved(chain[i - 1] as OpenFact, fact)),
    ).length;
  const shapes = (kind: string) => world.outings.filter((o) => o.shape.kind === kind).length;
  const ageDays = [...statements].flatMap((s) =>
    "elapsedMs" in s ? [(todayMs - Number(s.at)) / dayMs] : [],
  );
  const last = ({ statements }: Told) => statements.at(-1) as OpenFact | Retraction;
  const dayOf = (told: Told) => {
    const said = last(told);
    return "retracted" in said ? [] : [dateOf(said)];
  };
  const split = ({ records }: World["outings"][number]) =>
    [true, false].map((own) => records.filter((r) => r.isOwners === own).flatMap(dayOf));
  const together = world.outings.map(split).filter((both) => both.every((d) => d.length > 0));
  const isElsewhere = ([own, theirs]: string[][]) =>
    own?.every((day) => !theirs?.includes(day)) ?? false;
  return {
    statements: statements.size,
    duplicates: world.deliveries.length - statements.size,
    corrections: moved((a, b) => a.distanceMm !== b.distanceMm),
    "moved across midnight": moved((a, b) => dateOf(a) !== dateOf(b)),
    "moved across a month's end": moved((a, b) => dateOf(a).slice(0, 7) !== dateOf(b).slice(0, 7)),
    "moved to another zone": moved((a, b) => a.at === b.at && a.offsetMin !== b.offsetMin),
    "read by a later edition": moved((a, b) => a.revision === b.revision),
    "members who move": world.members.filter((m) => m.zones.length > 1 || m.zonesBefore).length,
    retractions: [...statements].filter((s) => "retracted" in s).length,
    ...outOfOrder(world),
    splits: shapes("split"),
    joins: shapes("join"),
    halves: shapes("halves"),
    held: shapes("held"),
    "told by an owner's own source as well": together.length,
    "on another day by an owner's own source": together.filter(isElsewhere).length,
    "60 to 90 days late": ageDays.filter((age) => age > 60).length,
  };
}

function outOfOrder({ deliveries }: World): Readonly<Record<string, number>> {
  const seen = new Map<string, OpenStatement[]>();
  let [early, late] = [0, 0];
  for (const { statement } of deliveries) {
    const before = seen.get(statement.id) ?? [];
    if ("retracted" in statement && before.length === 0) early++;
    if (before.some((s) => s.revision > statement.revision)) late++;
    seen.set(statement.id, [...before, statement]);
  }
  return { "retractions before their create": early, "old revisions late": late };
}

/** By the stated clock, or by UTC's. */
const dateOf = (fact: OpenFact): string =>
  new Date(fact.at + Number(fact.offsetMin ?? 0) * minuteMs).toISOString().slice(0, 10);

/** Workouts: the same ride from three providers is one workout, and counts once. */
import { clearedFacts, decisionsNaming, rulings } from "../decisions.ts";
import { pieces } from "../pieces.ts";
import { offsetAt } from "../settings.ts";
import type { Decision, Settings, Span, Stream } from "../stream.ts";
import { localDate, msPerDay } from "../time.ts";
import { workoutColumns } from "./columns.ts";
import { groupWorkouts } from "./group.ts";
import { workoutMeasures, workoutRules } from "./measures.ts";
import { mergeWorkout } from "./merge.ts";
import { endOf, isCopy, nearMs, shiftMsMax } from "./pair.ts";
import { holdOverlaps } from "./plausible.ts";
import type { ResolvedWorkout } from "./resolved.ts";
import { type WorkoutFact, workoutSchema, workoutSeal } from "./schema.ts";
import { mayBeShifted } from "./shifted.ts";
import { factPrefixOf, idOf } from "./workout-id.ts";

const reachDays = 9;
const joinDays = 3;

const span = (f: WorkoutFact): Span => ({ fromMs: f.at, toMs: f.at + f.elapsedMs });

/** They share time or nearly so, or say in another way that they may be the same. */
function bears(a: WorkoutFact, b: WorkoutFact): boolean {
  if (Math.max(a.at, b.at) <= Math.min(endOf(a), endOf(b)) + nearMs) return true;
  return Math.abs(a.at - b.at) <= shiftMsMax && (isCopy(a, b) || mayBeShifted(a, b));
}

export const workouts: Stream<WorkoutFact, ResolvedWorkout> = {
  name: "workouts",
  schema: workoutSchema,
  shards: "member",
  seal: workoutSeal,
  raw: "sealed",
  day: (f, settings) => localDate(f.at, offsetAt(f.offsetMin, settings, f.at)),
  buckets: 16,
  followsZones: true,
  ranked: true,
  resolve: {
    where: "ledger",
    version: 5,
    reachDays,
    joinDays,
    span,
    nearMs: shiftMsMax,
    bears,
    of: (facts: readonly WorkoutFact[], settings: Settings, decisions: readonly Decision[]) => {
      const cleared = clearedFacts(decisions);
      const naming = decisionsNaming(decisions);
      const ties = [...rulings(decisions).values()].flatMap(({ a, b, verdict }) =>
        verdict === "join" ? [[a, b] as const] : [],
      );
      const bearing = { reachMs: reachDays * msPerDay, span, bears };
      return pieces(facts, bearing, shiftMsMax, ties)
        .flatMap((piece) =>
          holdOverlaps(
            groupWorkouts(piece, naming(piece), settings).map((group) =>
              mergeWorkout(group, settings, cleared),
            ),
          ),
        )
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    },
    id: (w) => w.id,
    idOf,
    factPrefixOf,
    factsOf: (w) => w.sources.map((s) => s.fact),
    at: (w) => w.scored?.at ?? w.at,
    day: (w) => w.scored?.day ?? w.day,
    ownPlace: ({ at, id }) => ({ at, id }),
    othersPlace: ({ scored }) => scored && { at: scored.at, id: scored.id },
    spanOf: (w) => ({
      fromMs: Math.min(...w.sources.map((s) => s.at)),
      toMs: Math.max(...w.sources.map((s) => s.at + s.elapsedMs)),
    }),
    isVerified: ({ scored }) => scored?.verified === true,
  },
  rules: workoutRules,
  columns: workoutColumns,
  measures: workoutMeasures,
  keep: { days: 36_500 },
};

/**
 * Samples: what a body measured between workouts. The readings lie sealed in chunks and are resolved
 * in the vault; here is what may be known of them in the open. A chunk's fact says that there is one
 * and counts nothing; a day's fact says what the vault made of all of them on a local day, and at
 * settlement the vault is asked for it anew.
 */
import type { MemberId } from "../identity.ts";
import { type DaysAsked, membersAskedMax } from "../samples-ports.ts";
import type { Asking, Span, Stream } from "../stream.ts";
import { localDate } from "../time.ts";
import { sampleColumns } from "./columns.ts";
import { type ResolvedDay, sampleMeasures, sampleRules } from "./measures.ts";
import { samplesVersion } from "./resolve.ts";
import { type DayFact, type SampleFact, sampleSchema, sampleSeal } from "./schema.ts";

const idPrefix = "d_";

const isDay = (fact: SampleFact): fact is DayFact => fact.kind === "day";
/** A day that was measured and taken away again is as one that never was. */
const hasSome = ({ steps, distanceMm, energyMcal }: DayFact): boolean =>
  [steps, distanceMm, energyMcal].some((total) => total !== null && total > 0);

const asked = ({ subject, days, settings: { zones } }: Asking): DaysAsked => ({
  ...{ member: subject as MemberId, days, zones },
});

const span = ({ at }: { readonly at: number }): Span => ({ fromMs: at, toMs: at });

export const samples: Stream<SampleFact, ResolvedDay> = {
  name: "samples",
  schema: sampleSchema,
  shards: "member",
  seal: sampleSeal,
  raw: "dropped",
  day: (f) => (isDay(f) ? f.day : localDate(f.at, 0)),
  buckets: 16,
  followsZones: true,
  ranked: false,
  resolve: {
    where: "vault",
    version: samplesVersion,
    async ask(vault, asks) {
      const answers: (readonly SampleFact[])[] = [];
      for (let i = 0; i < asks.length; i += membersAskedMax) {
        const page = asks.slice(i, i + membersAskedMax);
        const resolved = await vault.resolveSamples(page.map(asked));
        page.forEach(({ days }, n) => {
          const facts = (resolved[n]?.facts ?? []) as readonly unknown[] as readonly SampleFact[];
          answers.push(facts.filter((f) => isDay(f) && days.includes(f.day)));
        });
      }
      return answers;
    },
    // Each fact stands for itself: nothing reaches anywhere.
    reachDays: 1,
    joinDays: 0,
    span,
    nearMs: 0,
    of: (facts) =>
      facts
        .filter(isDay)
        .filter(hasSome)
        .map(({ id, at, day, steps, distanceMm, energyMcal }): ResolvedDay => {
          return { id: `${idPrefix}${id}`, fact: id, at, day, steps, distanceMm, energyMcal };
        })
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
    id: (d) => d.id,
    idOf: (fact) => `${idPrefix}${fact}`,
    factPrefixOf: (id) => id.slice(idPrefix.length),
    factsOf: (d) => [d.fact],
    at: (d) => d.at,
    day: (d) => d.day,
    ownPlace: ({ at, id }) => ({ at, id }),
    othersPlace: () => null,
    spanOf: span,
  },
  rules: sampleRules,
  columns: sampleColumns,
  measures: sampleMeasures,
  keep: { days: 36_500 },
};

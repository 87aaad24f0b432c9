/** Listens: what was played on any device, counted once, on the UTC day that its device says. */
import type { Stream } from "../stream.ts";
import { localDate } from "../time.ts";
import { listenColumns, listenMeasures, listenRules } from "./measures.ts";
import {
  idPrefix,
  isSame,
  nearMs,
  type ResolvedListen,
  reachDays,
  resolveListens,
  spanOf,
} from "./resolved.ts";
import { type ListenFact, listenSchema, listenSeal } from "./schema.ts";

/** What an artist watches. */
export const artistWatch = (artistKey: string): string => `artist/${artistKey}`;

export const listens: Stream<ListenFact, ResolvedListen> = {
  name: "listens",
  schema: listenSchema,
  shards: "member",
  seal: listenSeal,
  raw: "dropped",
  day: ({ at }) => localDate(at, 0),
  buckets: 16,
  followsZones: false,
  ranked: false,
  resolve: {
    where: "ledger",
    version: 2,
    reachDays,
    joinDays: 0,
    span: spanOf,
    nearMs,
    bears: isSame,
    of: resolveListens,
    id: (l) => l.id,
    idOf: (fact) => `${idPrefix}${fact}`,
    factPrefixOf: (id) => id.slice(idPrefix.length),
    factsOf: (l) => l.facts,
    at: (l) => l.at,
    day: (l) => localDate(l.at, 0),
    ownPlace: ({ at, id }) => ({ at, id }),
    othersPlace: () => null,
    spanOf,
  },
  rules: listenRules,
  columns: listenColumns,
  measures: listenMeasures,
  live: {
    days: 2,
    of: ({ artistKey, track, territory }) => [
      { watch: artistWatch(artistKey), key: JSON.stringify([track, territory]), n: [1] },
    ],
  },
  keep: { days: 36_500 },
};

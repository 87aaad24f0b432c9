/** Listens as files of an export, each once; nothing of them is sealed. */
import type { ResolvedListen } from "../listens/resolved.ts";
import { formatMoment } from "../time.ts";
import { columnOver, type TableColumn } from "./part.ts";
import { noColumns, type Takeaway } from "./takeaway.ts";

export const listenLine = ({ id, at, facts, ...l }: ResolvedListen): string =>
  JSON.stringify({
    ...{ id, at: formatMoment(at), artist: l.artist, track: l.track, release: l.release },
    ...{ recording: l.recording, durationMs: l.durationMs, playedMs: l.playedMs },
    ...{ territory: l.territory, provider: l.provider, records: facts },
  });

export function listenTable(listens: readonly ResolvedListen[]): TableColumn[] {
  const column = columnOver(listens);
  return [
    column("id", "STRING", (l) => l.id),
    column("at_ms", "INT64", (l) => l.at),
    column("artist", "STRING", (l) => l.artist),
    column("track", "STRING", (l) => l.track),
    column("release", "STRING", (l) => l.release),
    column("recording", "STRING", (l) => l.recording),
    column("duration_ms", "INT64", (l) => l.durationMs),
    column("played_ms", "INT64", (l) => l.playedMs),
    column("territory", "STRING", (l) => l.territory),
    column("provider", "STRING", (l) => l.provider),
    column("records", "STRING", (l) => JSON.stringify(l.facts)),
  ];
}

export const listenTakeaway: Takeaway<ResolvedListen> = {
  stream: "listens",
  // A few hundred bytes each: years of them in some dozen steps.
  itemsMax: 1_000,
  id: (l) => l.id,
  facts: (l) => l.facts,
  columns: noColumns,
  rest: (l) => l,
  files: [
    {
      ...{ stem: "listens", format: "ndjson" },
      write: ({ begun }) => ({ lines: begun.map(listenLine) }),
    },
    {
      ...{ stem: "listens", format: "parquet" },
      write: ({ begun }) => ({ table: listenTable(begun) }),
    },
  ],
};

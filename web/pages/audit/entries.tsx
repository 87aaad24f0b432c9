/** The log by member, actor, action and date; each entry's proof; all that was found, as a file. */
import { useState } from "react";
import type { Answer } from "../../api/client.ts";
import { useApi, useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment, number, words } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { isWitnessed, placeOf } from "../../log/place.ts";
import { Proof } from "../../log/proof.tsx";
import type { EntryQuery } from "./entry-query.ts";
import { ExportEntries } from "./export-entries.tsx";
import { Filters } from "./filters.tsx";

type Entry = Answer<"GET /v1/audit/entries">["items"][number];
type Logs = Answer<"GET /v1/logs">["items"] | undefined;

const columns = [
  { key: "at", name: "When" },
  { key: "deed", name: "Deed" },
  { key: "who", name: "Who" },
  { key: "member", name: "Whose data" },
  { key: "what", name: "What, and what for" },
  { key: "outcome", name: "Outcome" },
  { key: "proof", name: "Proof" },
];
const perPage = 50;

export function EntriesCard() {
  const [query, setQuery] = useState<EntryQuery>({});
  const asked = { query: { ...query, limit: perPage } };
  const entries = useList("GET /v1/audit/entries", asked, { isLooked: true });
  const logs = useApi("GET /v1/logs");
  const ask = (next: EntryQuery) => {
    setQuery(next);
    // The same question again is asked again: nothing else renews what is shown.
    if (JSON.stringify(next) === JSON.stringify(query)) void entries.refetch();
  };
  return (
    <>
      <Filters onAsk={ask} />
      <Card
        id="entries"
        title="Entries"
        query={entries}
        others={[logs]}
        aside={<ExportEntries query={query} />}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <p className="soft">
            There is no such entry. A member is named by their internal id, and found as long as
            they are a member; an actor as the entry names them.
          </p>
        }
        rows={20}
      >
        {({ items }) => (
          <>
            <WideTable
              label="Entries, newest first"
              columns={columns}
              rows={items.map((entry) => rowOf(entry, logs.data?.items))}
            />
            <p className="small soft" role="status">
              {number(items.length)} shown, newest first.
            </p>
            <More list={entries} />
          </>
        )}
      </Card>
    </>
  );
}

const moods: Readonly<Record<string, "good" | "warn" | "bad" | "plain">> = {
  permitted: "good",
  refused: "bad",
  failed: "bad",
  unknown: "warn",
};

const rowOf = (entry: Entry, logs: Logs) => ({
  key: entry.entry,
  cells: {
    at: moment(entry.at),
    deed: (
      <>
        {words(entry.deed)}
        <br />
        <small className="soft">
          {entry.action}, entry {entry.entry}
        </small>
      </>
    ),
    who: (
      <>
        {entry.name ?? <code>{entry.actor}</code>}
        <br />
        <small className="soft">{entry.role}</small>
      </>
    ),
    member: entry.member === "" ? "Nobody's" : <code>{entry.member}</code>,
    what: whatOf(entry),
    outcome: <Outcome entry={entry} />,
    proof: <Proofs entry={entry} logs={logs} />,
  },
});

function whatOf({ columns: read, purpose, records }: Entry): string {
  const what = read.map(words).join(", ");
  const parts = [what, purpose, records > 0 ? `${number(records)} records` : ""];
  return parts.filter((part) => part !== "").join("; ") || "–";
}

const Outcome = ({ entry: { outcome, ground } }: { readonly entry: Entry }) => (
  <>
    <Badge mood={moods[outcome] ?? "plain"}>{words(outcome)}</Badge>
    {ground === "" ? null : (
      <>
        <br />
        <small className="soft">Ground: {ground}</small>
      </>
    )}
  </>
);

interface ProofsProps {
  readonly entry: Entry;
  readonly logs: Logs;
}

function Proofs({ entry: { entry, closedBy }, logs }: ProofsProps) {
  const place = placeOf(entry);
  if (isWitnessed(place, logs) === false) return <small className="soft">In a minute or two</small>;
  const outcome = closedBy === null ? null : placeOf(closedBy);
  const hasOutcome = outcome !== null && isWitnessed(outcome, logs) !== false;
  return (
    <span className="row">
      <Proof words="Proof" entry={entry} place={place} />
      {hasOutcome ? <Proof words="Outcome" entry={entry} place={outcome} /> : null}
    </span>
  );
}

/** Who looked at or changed what, and when; each entry with its proof. */
import { useState } from "react";
import { useApi, useList } from "../../api/queries.ts";
import type { AccessEntry } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Badge, Button, Field, Pick } from "../../design/controls.tsx";
import { moment } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { useMe } from "../../session/members-only.tsx";
import { dayBegins, dayEnds, groundWords, outcomeBadge } from "./log-words.ts";
import { Proofs } from "./proofs.tsx";

type Action = AccessEntry["action"] | "all";
const actions = [
  { id: "all", name: "Everything" },
  { id: "view", name: "Looks" },
  { id: "edit", name: "Changes" },
  { id: "delete", name: "Erasures and endings" },
  { id: "admin", name: "Operators' deeds" },
] as const;

interface Filters {
  readonly action: Action;
  readonly from: string;
  readonly to: string;
}
const unfiltered: Filters = { action: "all", from: "", to: "" };

const queryOf = ({ action, from, to }: Filters) => ({
  ...(action === "all" ? {} : { action }),
  ...(from === "" ? {} : { from: dayBegins(from) }),
  ...(to === "" ? {} : { to: dayEnds(to) }),
});

/** What the witness has signed since is asked for again now and then. */
const logsEveryMs = 20_000;

export function AccessLog() {
  const [filters, setFilters] = useState(unfiltered);
  const log = useList("GET /v1/access-log", { query: queryOf(filters) });
  const logs = useApi("GET /v1/logs", undefined, { everyMs: logsEveryMs });
  const me = useMe().data?.id ?? "";
  const isFiltered = filters !== unfiltered;
  return (
    <>
      <HowToCheck />
      <FilterBar filters={filters} onChange={setFilters} />
      <Card
        id="log"
        title="The log"
        query={log}
        others={[logs]}
        rows={14}
        isEmpty={({ items }) => items.length === 0}
        empty={
          isFiltered ? (
            <p>
              Nothing like that happened.{" "}
              <Button kind="quiet" onPress={() => setFilters(unfiltered)}>
                Show everything
              </Button>
            </p>
          ) : (
            <p>Nobody has looked at anything yet, and nothing was changed.</p>
          )
        }
      >
        {({ items }) => (
          <>
            <ul className="plain items">
              {items.map((entry) => (
                <Entry key={entry.entry} entry={entry} me={me}>
                  <Proofs entry={entry} logs={logs.data?.items} />
                </Entry>
              ))}
            </ul>
            <More list={log} />
          </>
        )}
      </Card>
    </>
  );
}

interface FilterBarProps {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

const FilterBar = ({ filters, onChange }: FilterBarProps) => (
  <div className="filters">
    <Pick
      label="What"
      choices={actions}
      value={filters.action}
      onChange={(action: Action) => onChange({ ...filters, action })}
    />
    <Field
      label="From"
      type="date"
      value={filters.from}
      onChange={(from) => onChange({ ...filters, from })}
    />
    <Field
      label="To"
      type="date"
      value={filters.to}
      onChange={(to) => onChange({ ...filters, to })}
    />
  </div>
);

interface EntryProps {
  readonly entry: AccessEntry;
  readonly me: string;
  readonly children: React.ReactNode;
}

function Entry({ entry, me, children }: EntryProps) {
  const [words, mood] = outcomeBadge(entry, me);
  const ground = groundWords(entry);
  return (
    <li className="item entry" data-entry={entry.entry} data-deed={entry.deed}>
      <div className="grow">
        <p>{entry.sentence}</p>
        <p className="small soft">
          {moment(entry.at)}
          {ground === null ? "" : ` · ${ground}`} · Entry {entry.entry}
        </p>
      </div>
      <div className="row">
        <Badge mood={mood}>{words}</Badge>
        {children}
      </div>
    </li>
  );
}

const HowToCheck = () => (
  <p className="small soft">
    A proof shows that its entry is in a log which nobody can change afterwards, signed by the log
    and by a witness. Anybody can check it offline: <code>npm run audit -- proof FILE</code>
  </p>
);

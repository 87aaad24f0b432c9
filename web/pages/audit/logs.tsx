/** The logs: how long each is, what of it is published, and what a witness has signed. */
import { useQuery } from "@tanstack/react-query";
import { type Answer, api } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { WideTable } from "../../design/wide-table.tsx";

type Log = Answer<"GET /v1/logs">["items"][number];

const columns = [
  { key: "log", name: "Log" },
  { key: "size", name: "Entries", isNumber: true },
  { key: "published", name: "Published", isNumber: true },
  { key: "witnessed", name: "Witnessed", isNumber: true },
  { key: "notes", name: "Checkpoints signed", isNumber: true },
  { key: "state", name: "State" },
];

export function LogsCard() {
  const logs = useApi("GET /v1/logs");
  const items = logs.data?.items ?? [];
  const begun = items.filter(({ published }) => published > 0).map(({ log }) => String(log));
  const checkpoints = useQuery({
    queryKey: ["GET /log/{log}/checkpoint", begun],
    queryFn: () =>
      Promise.all(begun.map((log) => api("GET /log/{log}/checkpoint", { params: { log } }))),
    enabled: begun.length > 0,
  });
  return (
    <Card
      id="logs"
      title="Logs and witnesses"
      query={logs}
      others={[checkpoints]}
      isEmpty={({ items: all }) => all.every(({ size }) => size === 0)}
      empty={<p className="soft">No log has an entry yet.</p>}
      rows={6}
    >
      {({ items: all }) => (
        <>
          <WideTable label="Logs" columns={columns} rows={all.map(rowOf)} />
          {all.map(({ log, key, witnesses, url }) => (
            <details key={log}>
              <summary>Keys and checkpoint of log {log}</summary>
              <dl className="keys small">
                <dt>Signs</dt>
                <dd>
                  <code>{key}</code>
                </dd>
                <dt>Witnesses</dt>
                {witnesses.map((witness) => (
                  <dd key={witness}>
                    <code>{witness}</code>
                  </dd>
                ))}
                <dt>Address</dt>
                <dd>
                  <code>{url}</code>
                </dd>
              </dl>
              <Checkpoint text={checkpoints.data?.[begun.indexOf(String(log))]} of={log} />
            </details>
          ))}
        </>
      )}
    </Card>
  );
}

const rowOf = (log: Log) => ({
  key: String(log.log),
  cells: {
    log: (
      <>
        {number(log.log)}
        <br />
        <small className="soft">{log.origin}</small>
      </>
    ),
    size: number(log.size),
    published: number(log.published),
    witnessed: number(log.witnessed),
    notes: number(log.witnessedNotes),
    state: <State log={log} />,
  },
});

function State({ log: { size, witnessed, witnesses } }: { readonly log: Log }) {
  if (size === 0) return <Badge>Empty</Badge>;
  if (witnesses.length === 0) return <Badge mood="bad">No witness</Badge>;
  if (witnessed === size) return <Badge mood="good">All witnessed</Badge>;
  return <Badge mood="info">{many(size - witnessed, "entry", "entries")} not witnessed yet</Badge>;
}

interface CheckpointProps {
  readonly text: string | undefined;
  readonly of: number;
}

const Checkpoint = ({ text, of }: CheckpointProps) =>
  text === undefined ? null : (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard.
    <section className="scroll" tabIndex={0} aria-label={`Checkpoint of log ${of}`}>
      <pre className="small">{text}</pre>
    </section>
  );

/** What an erasure of workouts has done, and what is still to come, by its receipt. */
import { Link } from "wouter";
import type { Answer } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { clockTime, moment, number, words } from "../../design/format.ts";
import { useArrival } from "../../design/use-arrival.ts";
import { WideTable } from "../../design/wide-table.tsx";

type Receipt = Answer<"GET /v1/receipts/{id}">;

/** The archive works in minutes and hours: asked again as long as somebody waits for it here. */
const everyMs = 15_000;

const stepWords: Readonly<Record<string, string>> = {
  tombstone: "Refused from now on: records",
  keys: "Keys destroyed",
  "survivors-left": "Readings still to be sealed anew",
  sealed: "Sealed readings deleted",
  parked: "Parked items deleted",
  objects: "Sealed objects deleted",
  copies: "Copies deleted",
  ledger: "Records forgotten, boards corrected",
  "keys-finished": "The last keys destroyed",
  landing: "Waiting rows of the archive removed",
  archive: "Days of the archive written anew",
};
const pendingWords: Readonly<Record<string, string>> = {
  archive: "The archive is being written anew without it.",
  keys: "The vault destroys the last keys within hours.",
};

export function Erased({ receipt: id }: { readonly receipt: string }) {
  const said = useArrival<HTMLParagraphElement>();
  const receipt = useApi("GET /v1/receipts/{id}", { params: { id } }, { everyMs });
  return (
    <>
      <h1>Erased</h1>
      <p className="arrived" role="status" ref={said} tabIndex={-1}>
        The workout is gone. This is what was done, and you can come back to it.
      </p>
      <Card
        id="receipt"
        title="Receipt"
        query={receipt}
        rows={9}
        isEmpty={({ steps }) => steps.length === 0}
        empty={<p>There was nothing left to erase.</p>}
        missing={({ pending }) =>
          pending.length === 0
            ? null
            : pending.map((part) => pendingWords[part] ?? words(part)).join(" ")
        }
      >
        {(data) => <Steps receipt={data} />}
      </Card>
      <p>
        <Link href="/workouts">All workouts</Link>
      </p>
    </>
  );
}

const Steps = ({ receipt: { id, asked, finished, steps } }: { readonly receipt: Receipt }) => (
  <>
    <p className="row">
      {finished === null ? (
        <Badge mood="info">Under way</Badge>
      ) : (
        <Badge mood="good">Finished {moment(finished)}</Badge>
      )}
      <span className="small soft">Asked {moment(asked)}</span>
    </p>
    <WideTable
      label="Steps of the erasure"
      columns={[
        { key: "step", name: "Step" },
        { key: "count", name: "How many", isNumber: true },
        { key: "at", name: "When", isNumber: true },
      ]}
      rows={steps.map(({ step, count, at }, place) => ({
        key: `${place} ${step}`,
        cells: {
          step: stepWords[step] ?? words(step),
          count: number(count),
          at: clockTime(Date.parse(at)),
        },
      }))}
    />
    <p className="small soft">
      Receipt {id}. It names nobody; whoever has it can ask how far it is.
    </p>
  </>
);

/** How far the live boards were from the exact totals when they were compared last. */
import { useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { km, lasting, moment, number, words } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { useBalance } from "./balance.tsx";

const columns = [
  { key: "measure", name: "Measure" },
  { key: "period", name: "Period" },
  { key: "live", name: "Live", isNumber: true },
  { key: "exact", name: "Exact", isNumber: true },
  { key: "differing", name: "Members that differ", isNumber: true },
  { key: "at", name: "Compared" },
];

export function DriftCard() {
  const drift = useList("GET /v1/ops/drift");
  const balance = useBalance();
  return (
    <Card
      id="drift"
      title="Drift of the live boards"
      query={drift}
      others={[balance]}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          Nothing was compared yet. Every run compares the live boards with the exact totals.
        </p>
      }
      rows={5}
    >
      {({ items }) => (
        <>
          <Verdict differing={items.reduce((sum, { differing }) => sum + differing, 0)} />
          <WideTable
            label="Live and exact totals"
            columns={columns}
            rows={items.map(({ stream, period, measure, key, live, exact, differing, at }) => ({
              key: [stream, period, measure, key].join(" "),
              cells: {
                measure: `${words(measure)}, ${words(key).toLowerCase()}`,
                period,
                live: read(measure, live),
                exact: read(measure, exact),
                differing: number(differing),
                at: moment(at),
              },
            }))}
          />
          <More list={drift} />
          <p className="small soft">
            Whoever differs has their ledger publish again; the archive never writes a score.
            {balance.data?.archiveHolds === null
              ? " Something is on its way just now, so a comparison may be behind."
              : ""}
          </p>
        </>
      )}
    </Card>
  );
}

const readers: Readonly<Record<string, (n: number) => string>> = {
  distance: km,
  moving_time: lasting,
};
const read = (measure: string, n: number): string => (readers[measure] ?? number)(n);

const Verdict = ({ differing }: { readonly differing: number }) => (
  <p>
    {differing === 0 ? (
      <Badge mood="good">✓ Live and exact agree</Badge>
    ) : (
      <Badge mood="warn">{number(differing)} differ</Badge>
    )}
  </p>
);

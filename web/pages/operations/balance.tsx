/** Does everything add up: what ledgers took, and whether the archive has each of it once. */
import type { Answer } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment, number } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { watchMs } from "./watch.ts";

type Balance = Answer<"GET /v1/ops/balance">;

export const useBalance = () => useApi("GET /v1/ops/balance", undefined, { everyMs: watchMs });
const useDamaged = () => useApi("GET /v1/ops/partitions", { query: { damaged: "true" } });

const columns = [
  { key: "what", name: "What" },
  { key: "n", name: "How many", isNumber: true },
  { key: "about", name: "That is" },
];
const row = (what: string, n: number, about: string) => ({
  key: what,
  cells: { what, n: number(n), about },
});

export function BalanceCard() {
  const balance = useBalance();
  const damaged = useDamaged();
  return (
    <Card
      id="balance"
      title="Does everything add up?"
      query={balance}
      others={[damaged]}
      isEmpty={({ received, ledgers }) => received === 0 && ledgers === 0}
      empty={<p className="soft">Nothing was received yet: there is nothing to add up.</p>}
      rows={19}
    >
      {(data) => (
        <>
          <Verdict balance={data} />
          <WideTable
            label="What became of what was received"
            columns={columns}
            rows={taken(data)}
          />
          <WideTable label="What the archive has of it" columns={columns} rows={kept(data)} />
          <p className="small soft">
            {number(data.reported)} of {many(data.ledgers, "ledger")} reported
            {data.from === null ? "" : `, the oldest count of ${moment(data.from)}`}.
            {damaged.data === undefined || damaged.data.items.length === 0
              ? ""
              : ` Damaged: ${damaged.data.items.map(({ stream, day, bucket }) => `${stream} ${day}, bucket ${bucket}`).join("; ")}.`}
          </p>
        </>
      )}
    </Card>
  );
}

const Verdict = ({ balance: { holds, archiveHolds } }: { readonly balance: Balance }) => (
  <p className="row">
    {holds ? (
      <Badge mood="good">✓ What was received is accounted for</Badge>
    ) : (
      <Badge mood="bad">✗ What was received is not accounted for</Badge>
    )}
    {archiveHolds === null ? (
      <Badge mood="info">… The archive is told when nothing moves</Badge>
    ) : archiveHolds ? (
      <Badge mood="good">✓ The archive has each of it once</Badge>
    ) : (
      <Badge mood="bad">✗ The archive differs</Badge>
    )}
  </p>
);

const taken = (b: Balance) => [
  row("Received", b.received, "the sum of the five below"),
  row("Applied", b.applied, "new, corrected or retracted"),
  row("Known before", b.duplicate, "said again, without effect"),
  row("Rejected", b.rejected, "older than what is known, or forgotten"),
  row("Parked", b.parked, "could not be read or archived, and is kept"),
  row("On their way", b.pending, "not decided yet"),
];

const kept = ({ archive: a }: Balance) => [
  row("Published by ledgers", a.held, "each identity on each of its days"),
  row("Rows of the archive", a.rows, "to be as many as were published"),
  row("Landed", a.landed, "lines that the next run takes in"),
  row("Waiting to be settled", a.dirty, "partitions with something new"),
  row("Damaged", a.damaged, "partitions that are made anew"),
];

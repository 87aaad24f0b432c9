/** What an erasure has done and what is still to come, by its receipt, which anybody may ask for. */
import { useApi } from "../api/queries.ts";
import type { Receipt } from "../api/schema.d.ts";
import { Card } from "../design/card.tsx";
import { Copy } from "../design/copy.tsx";
import { moment } from "../design/format.ts";
import { WideTable } from "../design/wide-table.tsx";
import { pendingWords, scopeWords, stepWords } from "./receipt-words.ts";

/** What is pending is done within minutes or hours: asked again while somebody waits for it here. */
const lookEveryMs = 15_000;

const columns = [
  { key: "step", name: "Step" },
  { key: "at", name: "When" },
  { key: "count", name: "How many", isNumber: true },
];

export function ReceiptCard({ id }: { readonly id: string }) {
  const receipt = useApi("GET /v1/receipts/{id}", { params: { id } }, { everyMs: lookEveryMs });
  return (
    <Card
      id="receipt"
      title="What was done"
      query={receipt}
      rows={9}
      missing={pendingWords}
      isEmpty={({ steps }) => steps.length === 0}
      empty={<p>There was nothing of that kind to erase.</p>}
    >
      {(known) => (
        <>
          <p>
            {scopeWords(known)}, erased as asked on {moment(known.asked)}.{" "}
            {known.finished === null ? "" : `Finished on ${moment(known.finished)}.`}
          </p>
          <ReceiptSteps steps={known.steps} />
          <Copy label="The receipt’s id" value={known.id} />
        </>
      )}
    </Card>
  );
}

export const ReceiptSteps = ({ steps }: Pick<Receipt, "steps">) => (
  <WideTable
    label="Steps"
    columns={columns}
    rows={steps.map(({ step, at, count }, place) => ({
      key: `${place} ${step}`,
      cells: { step: stepWords(step), at: moment(at), count },
    }))}
  />
);

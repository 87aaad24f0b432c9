/** What an erasure has done and what is still to come, by its receipt, which anybody may ask for. */
import { Card } from "../design/card.tsx";
import { Copy } from "../design/copy.tsx";
import { moment } from "../design/format.ts";
import { ReceiptSteps } from "./receipt-steps.tsx";
import { pendingWords, scopeWords } from "./receipt-words.ts";
import { useReceipt } from "./use-receipt.ts";

/** What is pending is done within minutes or hours: asked again while somebody waits for it here. */
const lookEveryMs = 15_000;

export function ReceiptCard({ id }: { readonly id: string }) {
  const receipt = useReceipt(id, lookEveryMs);
  return (
    <Card
      id="receipt"
      title="What was done"
      query={receipt}
      rows={16}
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

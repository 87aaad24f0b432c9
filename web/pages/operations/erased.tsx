/** What an erasure for a member has done so far, and where its receipt stays. */
import type { Answer } from "../../api/client.ts";
import { moment } from "../../design/format.ts";
import { ReceiptSteps } from "../../receipts/receipt-steps.tsx";
import { pendingWords } from "../../receipts/receipt-words.ts";
import { useReceipt } from "../../receipts/use-receipt.ts";
import { workMs } from "./watch.ts";

type Receipt = Answer<"POST /v1/ops/erasures">;

export function Erased({ of }: { readonly of: Receipt }) {
  const looked = useReceipt(of.id, workMs * 2);
  const known = looked.data ?? of;
  return (
    <div className="note stack">
      <p>
        {known.finished === null
          ? "Erased; some of it is still to come."
          : `Erased, finished ${moment(known.finished)}.`}{" "}
        Receipt <code>{known.id}</code>
      </p>
      <ReceiptSteps steps={known.steps} />
      {known.pending.length === 0 ? null : <p>{pendingWords(known)}</p>}
    </div>
  );
}

/** What an erasure has done so far, step by step, and where its receipt stays. */
import type { Answer } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { moment, number, words } from "../../design/format.ts";
import { stepWords } from "../../receipts/receipt-words.ts";
import { workMs } from "./watch.ts";

type Receipt = Answer<"POST /v1/ops/erasures">;

/** Asked for again as long as something of it is pending. */
export function ReceiptSteps({ of }: { readonly of: Receipt }) {
  const looked = useApi(
    "GET /v1/receipts/{id}",
    { params: { id: of.id } },
    { everyMs: of.finished === null ? workMs * 2 : false },
  );
  const { id, steps, pending, finished } = looked.data ?? of;
  return (
    <div className="note stack">
      <p>
        {finished === null
          ? "Erased; some of it is still to come."
          : `Erased, finished ${moment(finished)}.`}{" "}
        Receipt <code>{id}</code>
      </p>
      <ul className="plain">
        {steps.map(({ step, at, count }) => (
          <li key={step}>
            ✓ {stepWords(step)}: {number(count)}, {moment(at)}
          </li>
        ))}
        {pending.map((step) => (
          <li key={step}>… {words(step)}</li>
        ))}
      </ul>
    </div>
  );
}

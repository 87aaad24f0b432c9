/** What of an erasure is done, step by step. */
import type { Receipt } from "../api/schema.d.ts";
import { moment } from "../design/format.ts";
import { WideTable } from "../design/wide-table.tsx";
import { stepWords } from "./receipt-words.ts";

const columns = [
  { key: "step", name: "Step" },
  { key: "at", name: "When" },
  { key: "count", name: "How many", isNumber: true },
];

export const ReceiptSteps = ({ steps }: Pick<Receipt, "steps">) => (
  <WideTable
    label="Steps"
    columns={columns}
    rows={steps.map(({ step, at, count }, place) => ({
      key: `${place} ${step}`,
      cells: { step: <Step words={stepWords(step)} />, at: moment(at), count },
    }))}
  />
);

const Step = ({ words }: { readonly words: string }) => (
  <>
    <span aria-hidden="true">✓ </span>
    <span>{words}</span>
  </>
);

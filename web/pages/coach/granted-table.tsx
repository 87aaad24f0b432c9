/** Every column that can be granted: what was, for what and until when; and what was not. */

import { columnWords, purposeWords } from "../../consents/column-words.ts";
import { moment } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { type Entry, grantsOf, isGranted } from "./grants.ts";

const columns = [
  { key: "column", name: "What" },
  { key: "granted", name: "May you see it?" },
  { key: "purposes", name: "For" },
  { key: "until", name: "Until" },
];

export const GrantedTable = ({ entry }: { readonly entry: Entry }) => (
  <WideTable
    label="What they let you see, and what not"
    columns={columns}
    rows={grantsOf(entry).map((grant) => ({
      key: grant.column,
      cells: {
        column: columnWords[grant.column],
        granted: isGranted(grant) ? "✓ Granted" : <span className="soft">✗ Not granted</span>,
        purposes: grant.purposes.map((purpose) => purposeWords[purpose]).join(", ") || "–",
        until: untilOf(isGranted(grant), grant.until),
      },
    }))}
  />
);

const untilOf = (is: boolean, until: string | null): string => {
  if (!is) return "–";
  return until === null ? "they take it back" : moment(until);
};

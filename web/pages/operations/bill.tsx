/** What the traffic so far comes to: by what it is paid for, part by part, and what is not in it. */
import type { Answer } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Figure, Figures } from "../../design/figures.tsx";
import { dayName, moment, number, words } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { dollars } from "./figures.ts";

type Bill = Answer<"GET /v1/ops/bill">;

const partColumns = [
  { key: "part", name: "Part" },
  { key: "share", name: "Share" },
  { key: "units", name: "Units", isNumber: true },
  { key: "dollars", name: "Dollars", isNumber: true },
  { key: "because", name: "Because" },
];
const causeColumns = [
  { key: "of", name: "For" },
  { key: "n", name: "How many", isNumber: true },
  { key: "dollars", name: "Dollars", isNumber: true },
  { key: "because", name: "Because" },
];

const unreported = ({ ledgers, reported }: Bill): string | null =>
  ledgers > reported
    ? `${many(ledgers - reported, "ledger")} of ${number(ledgers)} never reported: their facts are not in it yet.`
    : null;

export function BillPart() {
  const bill = useApi("GET /v1/ops/bill");
  return (
    <Card
      id="bill"
      title="The bill so far"
      query={bill}
      missing={unreported}
      isEmpty={({ from }) => from === null}
      empty={<p className="soft">There is no member yet, so nothing was counted.</p>}
      rows={10}
    >
      {(data) => <Shown bill={data} />}
    </Card>
  );
}

function Shown({ bill }: { readonly bill: Bill }) {
  const { from, to, items, causes, aMillion, aDay, notCounted, oldestReport, members } = bill;
  return (
    <>
      <Figures>
        <Figure name={from === null ? "So far" : `Since ${dayName(from.slice(0, 10))}`}>
          {dollars(bill.dollars)}
        </Figure>
        <Figure name="Members">{number(members)}</Figure>
        <Figure name="A day, for the clock alone">{dollars(aDay)}</Figure>
      </Figures>
      <p className="small soft">
        Reckoned from counts up to {moment(to)}, no invoice
        {oldestReport === null ? "" : `; the oldest count is of ${moment(oldestReport)}`}.
      </p>
      <h3>What it is paid for</h3>
      <WideTable label="Dollars by cause" columns={causeColumns} rows={causes.map(causeRow)} />
      <h3>Part by part</h3>
      <WideTable label="Dollars by part" columns={partColumns} rows={items.map(partRow(items))} />
      <h3>What a million came to when it was measured</h3>
      <Figures>
        <Figure name="Facts">{dollars(aMillion.facts)}</Figure>
        <Figure name="Facts with a large stream">{dollars(aMillion.large)}</Figure>
        <Figure name="Samples">{dollars(aMillion.samples)}</Figure>
        <Figure name="Polls">{dollars(aMillion.polls)}</Figure>
      </Figures>
      <h3>Not counted</h3>
      <ul className="small">
        {notCounted.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
    </>
  );
}

const causeRow = ({ of, n, dollars: cost, because }: Bill["causes"][number]) => ({
  key: of,
  cells: { of: words(of), n: number(n), dollars: dollars(cost), because },
});

/** The dearest fills its bar; the others are as long beside it as they are dear. */
function partRow(items: Bill["items"]) {
  const most = Math.max(...items.map((item) => item.dollars), Number.MIN_VALUE);
  return ({ part, unit, units, dollars: cost, because }: Bill["items"][number]) => ({
    key: `${part} ${unit}`,
    cells: {
      part: (
        <>
          {words(part)}
          <br />
          <small className="soft">{unit ?? "all else"}</small>
        </>
      ),
      share: (
        <div className="meter share" aria-hidden="true">
          <div className="fill" style={{ width: `${(100 * cost) / most}%` }} />
        </div>
      ),
      units: units === null ? "–" : number(units),
      dollars: dollars(cost),
      because,
    },
  });
}

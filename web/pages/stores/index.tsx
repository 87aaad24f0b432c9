/** Stores: what a merchant's stores sell now, as it happens, and what of their articles runs short. */
import type { Answer } from "../../api/client.ts";
import { useList } from "../../api/queries.ts";
import { type Events, useEvents } from "../../api/use-events.ts";
import { Card } from "../../design/card.tsx";
import { Chart } from "../../design/chart.tsx";
import { Figure, Figures } from "../../design/figures.tsx";
import { clockTime, moment, number } from "../../design/format.ts";
import { minutePoints } from "../../design/minutes.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { MembersOnly } from "../../session/members-only.tsx";
import { StaffOnly } from "../../session/staff-only.tsx";
import { useReads } from "../../session/use-reads.ts";
import { Whose } from "../../session/whose.tsx";
import { money } from "./money.ts";
import "./stores.css";

type Live = Answer<"GET /v1/merchants/{merchant}/live">;

const minutes = 60;
const chartHeight = 180;
/** Each time stands in the log. */
const lowEveryMs = 60_000;
const why = "Sign in as a merchandiser to see what the stores sell.";

export default function StoresPage() {
  return (
    <StaffOnly title="Stores" of="merchandiser" why={why}>
      <MembersOnly why={why}>{() => <Places />}</MembersOnly>
    </StaffOnly>
  );
}

function Places() {
  const reads = useReads(["merchandiser"]);
  return (
    <div className="stores">
      <h1>Stores</h1>
      <Whose
        reads={reads}
        label="Merchant"
        none="You were given no merchant's stores to read yet. Whoever runs Singlet does that."
      >
        {(of) => <Sales merchant={of} />}
      </Whose>
    </div>
  );
}

function Sales({ merchant }: { readonly merchant: string }) {
  const asked = { params: { merchant }, query: { minutes } };
  const live = useEvents<Live, "GET /v1/merchants/{merchant}/live/stream">(
    ...(["GET /v1/merchants/{merchant}/live/stream", asked, "live"] as const),
  );
  return (
    <>
      <NowCard live={live} />
      <Card
        id="stores"
        title="By region and store, of the last hour"
        query={live}
        isEmpty={({ stores }) => stores.length === 0}
        empty={<p className="soft">Nothing was sold in the last hour.</p>}
        rows={5}
      >
        {({ stores }) => <StoreTable stores={stores} />}
      </Card>
      <LowStockCard merchant={merchant} />
    </>
  );
}

const NowCard = ({ live }: { readonly live: Events<Live> }) => (
  <Card
    id="now"
    title="Sales now"
    query={live}
    missing={({ whole }) => (whole ? null : "There are more stores than are told apart here.")}
    rows={11}
  >
    {({ at, sales, salesDay, timeline }) => (
      <>
        <Figures>
          <Figure name="In the last hour">{number(sales)}</Figure>
          <Figure name="In the last 24 hours">{number(salesDay)}</Figure>
        </Figures>
        <Chart
          label="Sales by minute, of the last hour"
          kind="bar"
          series={[{ key: "n", name: "Sales" }]}
          points={minutePoints(timeline, at, minutes, (one) => one.sales)}
          height={chartHeight}
          isCount
        />
        <p className="small soft">
          As of {clockTime(Date.parse(at))}, approximate: of what tills and shops have sent so far.
          The books go by exact totals, settled at night.
        </p>
      </>
    )}
  </Card>
);

const columns = [
  { key: "store", name: "Store" },
  { key: "sales", name: "Sales", isNumber: true },
  { key: "pieces", name: "Pieces", isNumber: true },
  { key: "amount", name: "Amount", isNumber: true },
];

const StoreTable = ({ stores }: Pick<Live, "stores">) => (
  <WideTable
    label="Sales by region and store"
    columns={columns}
    rows={stores.map(({ region, store, currency, sales, pieces, amountMinor }) => ({
      key: JSON.stringify([region, store, currency]),
      cells: {
        store: <Named name={store} more={region} />,
        ...{ sales: number(sales), pieces: number(pieces) },
        amount: money(amountMinor, currency),
      },
    }))}
  />
);

/** Where it is stands below its name: a phone has no room beside it. */
const Named = ({ name, more }: { readonly name: string; readonly more: string | null }) => (
  <>
    {name}
    {more === null ? null : <div className="more">{more}</div>}
  </>
);

const lowColumns = [
  { key: "sku", name: "Article" },
  { key: "level", name: "Left then", isNumber: true },
  { key: "threshold", name: "Threshold", isNumber: true },
  { key: "at", name: "When" },
];

function LowStockCard({ merchant }: { readonly merchant: string }) {
  const low = useList(
    "GET /v1/merchants/{merchant}/low-stock",
    { params: { merchant } },
    { everyMs: lowEveryMs },
  );
  return (
    <Card
      id="low-stock"
      title="Running short"
      query={low}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          Nothing that was counted fell to its threshold. Counts are set through the API.
        </p>
      }
      rows={4}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Articles that fell to their threshold"
            columns={lowColumns}
            rows={items.map(({ sku, store, level, threshold, at }) => ({
              key: JSON.stringify([store, sku, at]),
              cells: {
                sku: <Named name={sku} more={store} />,
                ...{ level: number(level), threshold: number(threshold) },
                at: moment(at),
              },
            }))}
          />
          <More list={low} />
        </>
      )}
    </Card>
  );
}

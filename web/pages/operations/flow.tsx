/** How data flows in: what was told, what was asked for, what came of it; how fresh, within which bounds. */
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { moment, number } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { BreakersCard } from "./breakers.tsx";
import { BudgetsCard } from "./budgets.tsx";
import {
  callsOf,
  failedOf,
  type Gate,
  isInUse,
  type ProviderStatus,
  unknownGates,
} from "./figures.ts";
import { FlowDrawing } from "./flow-drawing.tsx";
import { FreshnessCard } from "./freshness.tsx";
import { useProviders } from "./providers.tsx";

export function FlowPart() {
  return (
    <>
      <FlowCard />
      <div className="grid pair">
        <FreshnessCard />
        <BreakersCard />
      </div>
      <BudgetsCard />
    </>
  );
}

interface Flowing extends ProviderStatus {
  readonly gate: Gate;
}
const isFlowing = (one: ProviderStatus): one is Flowing =>
  one.gate !== null && one.gate.door.deliveries + one.gate.door.notices + callsOf(one.gate) > 0;

const columns = [
  { key: "provider", name: "Provider" },
  { key: "items", name: "Items delivered", isNumber: true },
  { key: "notices", name: "Notices", isNumber: true },
  { key: "refused", name: "Turned away", isNumber: true },
  { key: "calls", name: "Calls", isNumber: true },
  { key: "bad", name: "Failed", isNumber: true },
  { key: "recorded", name: "Recorded", isNumber: true },
  { key: "duplicates", name: "Known before", isNumber: true },
  { key: "parked", name: "Parked", isNumber: true },
];

function FlowCard() {
  const providers = useProviders();
  const balance = useApi("GET /v1/ops/balance");
  return (
    <Card
      id="flow"
      title="From notice to record"
      query={providers}
      others={[balance]}
      missing={({ items }) => unknownGates(items.filter(isInUse))}
      isEmpty={({ items }) => !items.some(isFlowing)}
      empty={<p className="soft">Nothing has come in yet, and nothing was asked for.</p>}
      rows={16}
    >
      {({ items }) => (
        <>
          <div className="flows">
            {items.filter(isFlowing).map(({ provider, title, gate }) => (
              <FlowDrawing key={provider} title={title} gate={gate} />
            ))}
          </div>
          <WideTable
            label="The same flow as numbers"
            columns={columns}
            rows={items.filter(isFlowing).map(rowOf)}
          />
          {balance.data === undefined ? null : (
            <p className="small soft">
              Of all that ledgers took: {number(balance.data.applied)} applied,{" "}
              {number(balance.data.duplicate)} known before, {number(balance.data.pending)} on their
              way.
            </p>
          )}
        </>
      )}
    </Card>
  );
}

function rowOf({ provider, title, gate }: Flowing) {
  const { door, recorded, since } = gate;
  return {
    key: provider,
    cells: {
      provider: (
        <>
          {title}
          <br />
          <small className="soft">since {moment(since)}</small>
        </>
      ),
      items: number(door.items),
      notices: number(door.notices),
      refused: number(door.refused),
      calls: number(callsOf(gate)),
      bad: number(failedOf(gate)),
      recorded: number(recorded.recorded),
      duplicates: number(recorded.duplicates),
      parked: number(recorded.parked),
    },
  };
}

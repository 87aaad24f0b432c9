/** How long it takes from a notice to its data, and who waits for longer than that. */
import { Card } from "../../design/card.tsx";
import { moment, number } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { isInUse, type ProviderStatus, shortTime, unknownGates } from "./figures.ts";
import { useAlerts, useProviders } from "./providers.tsx";

const hourMs = 3_600_000;

const isMeasured = ({ gate, connections }: ProviderStatus): boolean =>
  connections.behindOver2h > 0 ||
  (gate !== null && gate.freshnessMs.count + gate.latencyMs.count > 0);

export function FreshnessCard() {
  const providers = useProviders();
  const alerts = useAlerts();
  const behindMs = alerts.data?.thresholds.behindMs;
  const columns = [
    { key: "provider", name: "Provider" },
    { key: "p50", name: "Half within", isNumber: true },
    { key: "p90", name: "90 % within", isNumber: true },
    { key: "p99", name: "99 % within", isNumber: true },
    { key: "latency", name: "A call, 90 %", isNumber: true },
    {
      key: "behind",
      name: behindMs === undefined ? "Behind" : `Behind over ${number(behindMs / hourMs)} h`,
      isNumber: true,
    },
  ];
  return (
    <Card
      id="freshness"
      title="Freshness, of the last day"
      query={providers}
      others={[alerts]}
      missing={({ items }) => unknownGates(items.filter(isInUse))}
      isEmpty={({ items }) => !items.some(isMeasured)}
      empty={<p className="soft">No notice led to data in the last day.</p>}
      rows={4}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Freshness by provider"
            columns={columns}
            rows={items.filter(isMeasured).map(rowOf)}
          />
          <p className="small soft">From a notice to its data being recorded.</p>
        </>
      )}
    </Card>
  );
}

function rowOf({ provider, title, gate, connections }: ProviderStatus) {
  const fresh = (p: "p50" | "p90" | "p99") =>
    gate === null || gate.freshnessMs.count === 0 ? "–" : shortTime(gate.freshnessMs[p]);
  const { behindOver2h, oldestBehind } = connections;
  const since = oldestBehind === null ? "" : `, since ${moment(oldestBehind)}`;
  return {
    key: provider,
    cells: {
      provider: title,
      p50: fresh("p50"),
      p90: fresh("p90"),
      p99: fresh("p99"),
      latency: gate === null || gate.latencyMs.count === 0 ? "–" : shortTime(gate.latencyMs.p90),
      behind: `${number(behindOver2h)}${behindOver2h > 0 ? since : ""}`,
    },
  };
}

/** What is the matter, and what was in the last seven days. */
import type { Answer } from "../../api/client.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment, number } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { shortTime } from "./figures.ts";
import { useAlerts, useProviders } from "./providers.tsx";

type Alerts = Answer<"GET /v1/ops/alerts">;

const columns = [
  { key: "text", name: "What" },
  { key: "state", name: "State" },
  { key: "value", name: "Value", isNumber: true },
  { key: "threshold", name: "Bound", isNumber: true },
  { key: "since", name: "Since" },
  { key: "ended", name: "Ended" },
  { key: "told", name: "Webhook" },
];

export function AlertsPart() {
  const alerts = useAlerts();
  const providers = useProviders();
  return (
    <Card
      id="alerts"
      title="Alerts"
      query={alerts}
      others={[providers]}
      isEmpty={({ items }) => items.length === 0}
      empty={<Quiet alerts={alerts.data} />}
      rows={5}
    >
      {(data) => (
        <>
          <WideTable label="Alerts, those that stand first" columns={columns} rows={rowsOf(data)} />
          <Quiet alerts={data} />
        </>
      )}
    </Card>
  );
}

const rowsOf = ({ items, webhook }: Alerts) =>
  items.map(({ name, text, value, threshold, since, ended, told }) => ({
    key: `${name} ${since}`,
    cells: {
      text,
      state: ended === null ? <Badge mood="bad">Stands</Badge> : <Badge mood="good">Over</Badge>,
      value: number(value),
      threshold: number(threshold),
      since: moment(since),
      ended: ended === null ? "–" : moment(ended),
      told: webhook ? (told ? "Told" : "Not told yet") : "Not set",
    },
  }));

/** When an alert would be raised: what silence means. */
function Quiet({ alerts }: { readonly alerts: Alerts | undefined }) {
  if (alerts === undefined) return null;
  const { items, thresholds, webhook } = alerts;
  return (
    <div className="stack small soft">
      {items.length === 0 ? (
        <p>Nothing is the matter, and nothing was in the last seven days.</p>
      ) : null}
      <p>
        Looked at every five minutes: a breaker that is not closed; more than{" "}
        {number(thresholds.membersBehind)} members behind for {shortTime(thresholds.behindMs)}; more
        than {number(thresholds.queueDepth)} changes that wait for the archive;{" "}
        {thresholds.quotaPercent} % of a quota spent; a subscription that does not work.
      </p>
      <p>
        {webhook
          ? "Each is sent to the webhook for alerts, and its end too."
          : "Nobody is told: no webhook for alerts is set."}
      </p>
    </div>
  );
}

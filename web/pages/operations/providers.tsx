/** The first look: what stands now, and each provider's health with its reason. */
import type { Answer } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Figure, Figures } from "../../design/figures.tsx";
import { moment, number } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { byGravity, connectionsOf, isInUse, type ProviderStatus, unknownGates } from "./figures.ts";
import { Health } from "./health.tsx";
import { watchMs } from "./watch.ts";

type Alert = Answer<"GET /v1/ops/alerts">["items"][number];

export const useProviders = () => useApi("GET /v1/ops/providers", undefined, { everyMs: watchMs });
export const useAlerts = () => useApi("GET /v1/ops/alerts", undefined, { everyMs: watchMs });

export function ProvidersPart() {
  return (
    <>
      <Now />
      <HealthTable />
    </>
  );
}

const standing = (alerts: readonly Alert[]) => alerts.filter(({ ended }) => ended === null);

function Now() {
  const providers = useProviders();
  const alerts = useAlerts();
  const balance = useApi("GET /v1/ops/balance");
  return (
    <Card
      id="now"
      className="now"
      title="Right now"
      query={providers}
      others={[alerts, balance]}
      isEmpty={({ items }) => !items.some(isInUse)}
      empty={
        <p className="soft">
          Nobody has linked a provider yet, and none has sent anything. Numbers come with the first
          member.
        </p>
      }
      rows={2}
    >
      {({ items, queueDepth }) => (
        <Figures>
          <Figure name="Providers in trouble">
            {number(items.filter(({ health }) => health.colour !== "green").length)}
          </Figure>
          <Figure name="Alerts that stand">
            {alerts.data === undefined ? "–" : number(standing(alerts.data.items).length)}
          </Figure>
          <Figure name="Changes that wait for the archive">
            {queueDepth === null ? "not known" : number(queueDepth)}
          </Figure>
          <Figure name="Everything adds up">
            {balance.data === undefined ? "–" : balance.data.holds ? "yes" : "no"}
          </Figure>
        </Figures>
      )}
    </Card>
  );
}

const columns = [
  { key: "provider", name: "Provider" },
  { key: "health", name: "Health" },
  { key: "why", name: "Why" },
  { key: "connections", name: "Connections", isNumber: true },
  { key: "reconnect", name: "Need reconnecting", isNumber: true },
];

function HealthTable() {
  const providers = useProviders();
  const alerts = useAlerts();
  const stand = standing(alerts.data?.items ?? []);
  return (
    <Card
      id="health"
      title="Providers"
      query={providers}
      others={[alerts]}
      missing={({ items }) => unknownGates(items)}
      isEmpty={({ items }) => !items.some(isInUse)}
      empty={<p className="soft">No provider is in use. Members link theirs under My data.</p>}
      rows={6}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Health of each provider in use"
            columns={columns}
            rows={byGravity(items.filter(isInUse)).map((status) => rowOf(status, stand))}
          />
          <NotInUse titles={items.filter((one) => !isInUse(one)).map(({ title }) => title)} />
        </>
      )}
    </Card>
  );
}

function rowOf(status: ProviderStatus, stand: readonly Alert[]) {
  const { provider, title, health, connections } = status;
  const alerts = stand.filter(({ name }) => name.split(":")[1] === provider);
  const why = [
    ...health.because,
    ...alerts.map(({ since }) => `An alert stands since ${moment(since)}.`),
  ];
  return {
    key: provider,
    cells: {
      provider: title,
      health: <Health colour={health.colour} />,
      why: why.length === 0 ? "Nothing is the matter." : <Reasons reasons={why} />,
      connections: number(connectionsOf(status)),
      reconnect: number(connections.byState["needs-reconnecting"]),
    },
  };
}

const Reasons = ({ reasons }: { readonly reasons: readonly string[] }) => (
  <ul className="plain">
    {reasons.map((reason) => (
      <li key={reason}>{reason}</li>
    ))}
  </ul>
);

const NotInUse = ({ titles }: { readonly titles: readonly string[] }) =>
  titles.length === 0 ? null : <p className="small soft">Not in use here: {titles.join(", ")}.</p>;

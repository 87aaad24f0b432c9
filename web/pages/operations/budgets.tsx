/** How much of what each provider allows is spent: a meter a window. */
import { Card } from "../../design/card.tsx";
import { number } from "../../design/format.ts";
import { Meter } from "../../design/meter.tsx";
import {
  callsOf,
  connectionsOf,
  type Gate,
  isInUse,
  type ProviderStatus,
  percentOf,
  unknownGates,
} from "./figures.ts";
import { useAlerts, useProviders } from "./providers.tsx";

interface Budgeted extends ProviderStatus {
  readonly gate: Gate;
}
const isBudgeted = (one: ProviderStatus): one is Budgeted =>
  one.gate !== null && one.gate.budgets.length > 0 && connectionsOf(one) + callsOf(one.gate) > 0;

/** As the alerts have it, until they are known. */
const alertPercent = 80;
const spentPercent = 100;

export function BudgetsCard() {
  const providers = useProviders();
  const alerts = useAlerts();
  const bound = alerts.data?.thresholds.quotaPercent ?? alertPercent;
  return (
    <Card
      id="budgets"
      title="Budgets"
      query={providers}
      others={[alerts]}
      missing={({ items }) => unknownGates(items.filter(isInUse))}
      isEmpty={({ items }) => !items.some(isBudgeted)}
      empty={<p className="soft">No linked provider has a budget to keep.</p>}
      rows={4}
    >
      {({ items }) => (
        <>
          <ul className="plain budgets">
            {items.filter(isBudgeted).map(({ provider, title, gate }) => (
              <li key={provider} className="stack">
                <h3>{title}</h3>
                {gate.budgets.map((budget) => (
                  <Window key={budget.window} title={title} budget={budget} bound={bound} />
                ))}
              </li>
            ))}
          </ul>
          <p className="small soft">
            Calls that all members share, spent or promised. An alert is raised at {bound} %.
          </p>
        </>
      )}
    </Card>
  );
}

interface WindowProps {
  readonly title: string;
  readonly budget: Gate["budgets"][number];
  readonly bound: number;
}

function Window({ title, budget: { window, used, limit }, bound }: WindowProps) {
  const percent = percentOf(used, limit);
  const mood = percent >= spentPercent ? "bad" : percent >= bound ? "warn" : "good";
  const text = `${number(used)} of ${number(limit)} calls, ${percent} %`;
  return (
    <div className="window">
      <div className="row apart small">
        <span>In a {window}</span>
        <span>{text}</span>
      </div>
      <Meter label={`${title}, in a ${window}`} value={used} max={limit} text={text} mood={mood} />
    </div>
  );
}

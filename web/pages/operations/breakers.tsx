/** Whether providers are asked at all: breakers, pauses that they asked for, calls of late. */
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment, number } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { callsOf, type Gate, isInUse, type ProviderStatus, unknownGates } from "./figures.ts";
import { useAlerts, useProviders } from "./providers.tsx";

interface Asked extends ProviderStatus {
  readonly gate: Gate;
}
/** Of who sends without being asked there is no breaker to tell of. */
const isAsked = (one: ProviderStatus): one is Asked =>
  one.gate !== null && (one.gate.breaker !== "closed" || callsOf(one.gate) > 0);

const columns = [
  { key: "provider", name: "Provider" },
  { key: "breaker", name: "Breaker" },
  { key: "pause", name: "Pause" },
  { key: "lately", name: "Failed in 5 min", isNumber: true },
];
const moods = { closed: "good", "half-open": "warn", open: "bad" } as const;
const said = {
  closed: "Closed: asked as usual",
  "half-open": "Half open: one call tries",
  open: "Open: nothing is asked",
} as const;

export function BreakersCard() {
  const providers = useProviders();
  const alerts = useAlerts();
  const isTold = alerts.data?.webhook;
  return (
    <Card
      id="breakers"
      title="Breakers"
      query={providers}
      others={[alerts]}
      missing={({ items }) => unknownGates(items.filter(isInUse))}
      isEmpty={({ items }) => !items.some(isAsked)}
      empty={<p className="soft">No provider was asked for anything yet.</p>}
      rows={4}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Breakers by provider"
            columns={columns}
            rows={items.filter(isAsked).map(rowOf)}
          />
          <p className="small soft">
            A breaker opens after ten failures in a row, and tries again after five minutes.
            {isTold === false ? " Nobody is told of it: no webhook for alerts is set." : ""}
          </p>
        </>
      )}
    </Card>
  );
}

function rowOf({ provider, title, gate }: Asked) {
  const { breaker, openSince, pausedUntil, lately } = gate;
  return {
    key: provider,
    cells: {
      provider: title,
      breaker: (
        <>
          <Badge mood={moods[breaker]}>{said[breaker]}</Badge>
          {openSince === null ? null : <small className="soft"> since {moment(openSince)}</small>}
        </>
      ),
      pause: pausedUntil === null ? "None" : `Until ${moment(pausedUntil)}, as it asked`,
      lately: `${number(lately.failed)} of ${number(lately.calls)}`,
    },
  };
}

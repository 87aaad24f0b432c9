/** What measured the member's samples, and which of it is believed first. */
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { dayName } from "../../design/format.ts";
import { deviceName } from "../../readings/device-names.ts";
import { lackOf } from "../../session/connection-words.ts";
import { useMe } from "../../session/members-only.tsx";
import { useTitles } from "../../session/provider-titles.ts";
import { todayOf } from "../../session/today.ts";
import { DeviceOrder } from "./device-order.tsx";
import type { Devices as Known } from "./device-words.ts";

export function Devices() {
  const devices = useApi("GET /v1/devices");
  const connections = useApi("GET /v1/connections");
  const { query: providers, titles } = useTitles();
  const today = todayOf(useMe().data, Date.now());
  return (
    <Card
      id="devices"
      title="Your devices"
      query={devices}
      others={[connections, providers]}
      missing={() => lackOf(connections.data?.items ?? [], today, titles, Date.now())}
      rows={10}
      isEmpty={(known) => known.devices.length === 0}
      empty={
        <p>
          Nothing has measured anything between your workouts yet. Link a watch, a ring or your
          phone, and it is listed here with its first sample.
        </p>
      }
    >
      {(known) => (
        <>
          <DeviceOrder known={known} />
          <Orders known={known} />
        </>
      )}
    </Card>
  );
}

function Orders({ known: { devices, orders } }: { readonly known: Known }) {
  if (orders.length === 0) return null;
  return (
    <details>
      <summary>The orders that you have set</summary>
      <ul className="plain small">
        {orders.map(({ from, devices: ids }) => (
          <li key={from ?? ""}>
            <strong>{from === null ? "Since ever" : `From ${dayName(from)}`}:</strong>{" "}
            {ids.length === 0
              ? "by kind"
              : ids.map((id) => deviceName(devices.find((one) => one.id === id))).join(", ")}
          </li>
        ))}
      </ul>
    </details>
  );
}

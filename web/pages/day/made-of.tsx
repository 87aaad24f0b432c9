/** What made a value: each device and its share, for whoever wants to know. */
import { number, words } from "../../design/format.ts";
import { type Device, deviceName } from "../../readings/device-names.ts";
import type { Devices, Measured } from "./use-day.ts";

const unfound = (devices: Devices | null): string =>
  devices === null ? "A device that is not known just now" : deviceName(undefined);

interface MadeOfProps {
  readonly title: string;
  readonly sources: Measured["sources"];
  /** Null: they could not be asked for. */
  readonly devices: Devices | null;
}

const wholePercent = 100;
const byShare = (sources: Measured["sources"]) => sources.toSorted((a, b) => b.share - a.share);

export function MadeOf({ title, sources, devices }: MadeOfProps) {
  const count = sources.length === 1 ? "one device" : `${sources.length} devices`;
  return (
    <details className="made-of small">
      <summary>
        <span className="only-read">{title}: </span>By {count}
      </summary>
      <ul className="plain">
        {byShare(sources).map(({ device, share }) => {
          const found = devices?.find(({ id }) => id === device);
          return (
            <li key={device} className="row apart">
              <span>
                {found === undefined ? (
                  unfound(devices)
                ) : (
                  <>
                    {deviceName(found)} <Kind {...found} />
                  </>
                )}
              </span>
              <span>{number(share * wholePercent)} %</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

const Kind = (device: Device) =>
  deviceName(device) === words(device.kind) ? null : (
    <span className="soft">({words(device.kind).toLowerCase()})</span>
  );

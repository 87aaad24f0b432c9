/** What made a value: each device and its share, for whoever wants to know. */
import { number, words } from "../../design/format.ts";
import type { Devices, Measured } from "./use-day.ts";

type Device = Devices[number];

const nameOf = (device: Device | undefined): string => {
  if (device === undefined) return "A device that is no longer known";
  const { model, app, stated, kind } = device;
  return model ?? stated ?? app ?? words(kind);
};

interface MadeOfProps {
  readonly title: string;
  readonly sources: Measured["sources"];
  readonly devices: Devices;
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
          const found = devices.find(({ id }) => id === device);
          return (
            <li key={device} className="row apart">
              <span>
                {nameOf(found)} {found === undefined ? null : <Kind {...found} />}
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
  nameOf(device) === words(device.kind) ? null : (
    <span className="soft">({words(device.kind).toLowerCase()})</span>
  );

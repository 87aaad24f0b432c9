/**
 * What wrote a result into the logbook. Its word is a name like any other: a phone's that somebody
 * called after themselves, too. So only the programs that are known are named to others, as they are
 * called here; any other word is its owner's alone.
 */
import { type Fields, wordOf } from "../untrusted.ts";

const known: ReadonlyMap<string, string> = new Map(
  [
    "ErgData",
    "ErgData iOS",
    "ErgData Android",
    "Concept2 Utility",
    "LogCard",
    "PM3",
    "PM4",
    "PM5",
    "Web",
    "asensei",
    "BoatCoach",
    "ErgZone",
    "EXR",
    "Garmin Connect",
    "Kinomap",
    "PainSled",
    "RowPro",
    "Strava",
    "Zwift",
  ].map((name) => [name.toLowerCase(), name]),
);
/** Its version is nobody's concern. */
const version = / v?\d{1,3}(\.\d{1,4}){0,3}$/;

export interface Source {
  readonly app: string | null;
  readonly deviceName: string | null;
}

export function sourceOf({ source }: Fields): Source {
  const word = wordOf(source);
  const app = known.get((word ?? "").replace(version, "").toLowerCase()) ?? null;
  return { app, deviceName: app === null ? word : null };
}

/** What goes to the doors that read bytes themselves: right in their form, then changed. */
import { gzipSync, zipSync } from "fflate";
import { syncExample } from "../../workers/edge/sync-body-said.ts";
import { fitOf, gpxOf, ride, tcxOf } from "../fakes/activity-files.ts";
import type { Chance } from "../oracle/chance.ts";
import { mutated, mutatedBytes } from "./values.ts";

export interface Raw {
  readonly body?: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Wildness {
  readonly chance: Chance;
  readonly marker: string;
  readonly naughty: readonly string[];
  /** Whole texts that are JSON, or nearly: those of `--fixtures`. */
  readonly jsons: readonly string[];
}

const small = { ...ride, elapsedS: 120, timerS: 120, distanceM: 600 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const files: readonly Uint8Array[] = [
  fitOf(small),
  bytesOf(tcxOf(small)),
  bytesOf(gpxOf(small)),
  gzipSync(fitOf(small)),
  zipSync({ "a.fit": fitOf(small), "b.gpx": bytesOf(gpxOf(small)) }),
];

const played = {
  ...{ ts: "2026-10-14T07:00:00Z", ms_played: 214_000, conn_country: "NL", skipped: false },
  ...{ master_metadata_track_name: "Tailwind", master_metadata_album_artist_name: "Kraftwerk" },
};
const payload = {
  listened_at: Math.floor(Date.UTC(2026, 9, 14, 7) / 1000),
  track_metadata: { artist_name: "Kraftwerk", track_name: "Antenna" },
};
const settlement = [
  "reference,kind,gross,fee,net,currency,occurred_at",
  "order-1,charge,10.00,0.30,9.70,EUR,2026-11-14T08:00:00Z",
].join("\n");

/** Whole bytes, or some of them changed. */
const perhapsBytes = ({ chance }: Wildness, bytes: Uint8Array): Uint8Array =>
  chance.in100(35) ? bytes : mutatedBytes(chance, bytes);

/** A tree as it is, changed in its places or in its bytes; or any text there is. */
export function retold(wildness: Wildness, said: string | object): string | Uint8Array {
  const { chance, marker, naughty, jsons } = wildness;
  const kind = chance.whole(0, 99);
  if (kind < 5 && jsons.length > 0) return chance.pick(jsons);
  if (typeof said === "string")
    return kind < 40 ? said : mutatedBytes(chance, bytesOf(kind < 70 ? said : `${said}${marker}`));
  if (kind < 30) return JSON.stringify(said);
  const text = JSON.stringify(mutated(chance, said, marker, naughty)) ?? "";
  return kind < 85 ? text : mutatedBytes(chance, bytesOf(text));
}

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };

function multipart({ chance, marker }: Wildness, file: Uint8Array): Raw {
  const boundary = chance.pick(["part", marker, "a".repeat(70)]);
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${marker}.fit"\r\n\r\n`;
  const body = Buffer.concat([bytesOf(head), file, bytesOf(`\r\n--${boundary}--\r\n`)]);
  return { body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}

/** By its path; undefined: the route's body has a schema, or there is none. */
export function rawBody(
  path: string,
  wildness: Wildness,
  keys: Readonly<Record<string, string>>,
): Raw | undefined {
  const { chance, marker } = wildness;
  switch (path) {
    case "/v1/sync": {
      const headers = chance.in100(50) ? { ...json, "idempotency-key": marker } : json;
      return { body: retold(wildness, syncExample), headers };
    }
    case "/v1/files": {
      const file = perhapsBytes(wildness, chance.pick(files));
      if (chance.in100(40)) return multipart(wildness, file);
      return { body: file, headers: { "content-type": "application/octet-stream" } };
    }
    case "/v1/imports/spotify": {
      const body = retold(wildness, [played]);
      if (chance.in100(60)) return { body, headers: json };
      const bytes = typeof body === "string" ? bytesOf(body) : body;
      const packed = zipSync({ "Streaming_History_Audio_2026.json": bytes });
      return {
        body: perhapsBytes(wildness, packed),
        headers: { "content-type": "application/zip" },
      };
    }
    case "/1/validate-token":
      return {
        headers: { authorization: `Token ${chance.in100(85) ? keys.listenbrainz : marker}` },
      };
    case "/1/submit-listens": {
      const listens = { listen_type: chance.pick(["single", "import"]), payload: [payload] };
      const token = chance.in100(85) ? keys.listenbrainz : marker;
      return {
        body: retold(wildness, listens),
        headers: { ...json, authorization: `Token ${token}` },
      };
    }
    case "/scrobble/submissions":
    case "/scrobble/now-playing": {
      const fields = { s: marker, "a[0]": "Kraftwerk", "t[0]": "Antenna", "i[0]": "1791000000" };
      return { body: retold(wildness, new URLSearchParams(fields).toString()), headers: form };
    }
    case "/v1/merchants/{merchant}/settlements/{file}":
      return { body: retold(wildness, settlement), headers: { "content-type": "text/csv" } };
    default:
      return undefined;
  }
}

/**
 * The vault after Garmin's file learned something: its reading is of the second edition, climbs a
 * metre higher and finds another title. The edge beside it is still the one of before.
 */
import { garmin } from "../../providers/garmin.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import vault from "../../workers/vault/index.ts";

export * from "../../workers/vault/index.ts";

const before = garmin.normalise;
const normalise: Provider["normalise"] = (kind, item, receivedMs) => {
  const read = before(kind, item, receivedMs);
  if (!read.ok || isRetractedDraft(read.value)) return read;
  const { fields } = read.value;
  const learned = {
    elevationGainMm: Number(fields.elevationGainMm) + 1_000,
    title: `${fields.title}, read again`,
  };
  return { ok: true, value: { ...read.value, fields: { ...fields, ...learned } } };
};
Object.assign(garmin, { edition: 2, normalise });

export default vault;

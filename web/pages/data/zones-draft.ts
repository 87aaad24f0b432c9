/** Privacy zones while they are typed, and what they come to. */
import type { PrivacyZones } from "../../api/schema.d.ts";

export interface PlaceDraft {
  readonly lat: string;
  readonly lon: string;
  readonly radiusM: string;
}
export interface ZonesDraft {
  readonly endsM: string;
  readonly places: readonly PlaceDraft[];
}

export const draftOf = ({ endsM, places }: PrivacyZones): ZonesDraft => ({
  endsM: String(endsM),
  places: places.map(({ lat, lon, radiusM }) => ({
    ...{ lat: String(lat), lon: String(lon), radiusM: String(radiusM) },
  })),
});

const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

/** Null: something in it is no number. Whether they are in bounds the API says. */
export function zonesOf({ endsM, places }: ZonesDraft): PrivacyZones | null {
  const zones = {
    endsM: numberOf(endsM),
    places: places.map(({ lat, lon, radiusM }) => ({
      ...{ lat: numberOf(lat), lon: numberOf(lon), radiusM: numberOf(radiusM) },
    })),
  };
  const all = [zones.endsM, ...zones.places.flatMap((one) => Object.values(one))];
  return all.every(Number.isFinite) ? zones : null;
}

/** Distances on the earth, taken as a sphere: half a per cent from the ellipsoid's at most. */
export interface Position {
  readonly lat: number;
  readonly lon: number;
}

/** Mean radius (IUGG). */
export const earthRadiusM = 6_371_008.8;

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres along the sphere (haversine). */
export function metresBetween(a: Position, b: Position): number {
  const [latA, latB] = [radians(a.lat), radians(b.lat)];
  const north = Math.sin((latB - latA) / 2);
  const east = Math.sin(radians(b.lon - a.lon) / 2);
  const half = north * north + Math.cos(latA) * Math.cos(latB) * east * east;
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(half)));
}

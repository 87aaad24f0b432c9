/**
 * Where one member lived, and by which clock: home in Berlin over both changes of its clock, a
 * layover at a clock of half hours, a fortnight in Tokyo, and a flight over the date line, so that
 * one date comes twice. The offsets are written down here as they were decreed; no library is asked.
 */
export interface Lived {
  readonly fromMs: number;
  readonly zone: string;
}

/** From then on up to another instant, one offset. */
export interface ClockStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMin: number;
}

export interface Life {
  readonly startMs: number;
  readonly endMs: number;
  /** As `Settings.zones`: the first since ever. */
  readonly zones: readonly Lived[];
  /** In order, without a gap, well beyond both ends. */
  readonly clock: readonly ClockStretch[];
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const berlin = "Europe/Berlin";
const fixed: Readonly<Record<string, number>> = {
  "Asia/Kolkata": 330,
  "Asia/Tokyo": 540,
  "Pacific/Honolulu": -600,
};

/** Summer time of the European Union, 2024 to 2026: last Sundays, 01:00 UTC. */
const berlinChanges: readonly (readonly [at: string, offsetMin: number])[] = [
  ["2024-10-27T01:00:00Z", 60],
  ["2025-03-30T01:00:00Z", 120],
  ["2025-10-26T01:00:00Z", 60],
  ["2026-03-29T01:00:00Z", 120],
];

/** Shares of the life that was lived before each flight, and where it led. */
const flights: readonly (readonly [share: number, zone: string])[] = [
  [0.6, "Asia/Kolkata"],
  [0.62, "Asia/Tokyo"],
  [0.66, "Pacific/Honolulu"],
  [0.69, berlin],
];
/** No one lands on the full hour. */
const landingsMs = [17 * minuteMs, 4 * hourMs + 42 * minuteMs, 11 * hourMs + 8_123, 6 * hourMs + 1];

/** A short life has the clock's change in spring in it, a year both. */
export function lifeOf(days: number): Life {
  const startMs = Date.parse(days < 120 ? "2025-03-24T00:00:00Z" : "2025-01-01T00:00:00Z");
  const endMs = startMs + days * dayMs;
  const lands = flights.map(([share, zone], i): Lived => {
    const day = Math.floor(share * days) + (days < 120 ? i : 0);
    return { fromMs: startMs + day * dayMs + (landingsMs[i] ?? 0), zone };
  });
  const zones = [{ fromMs: 0, zone: berlin }, ...lands];
  return { startMs, endMs, zones, clock: clockOf(zones) };
}

const clockEndMs = Date.parse("2026-06-01T00:00:00Z");

function clockOf(zones: readonly Lived[]): readonly ClockStretch[] {
  const firstMs = Date.parse(berlinChanges[0]?.[0] ?? "");
  return zones.flatMap(({ fromMs, zone }, i) => {
    const startMs = Math.max(fromMs, firstMs);
    const endMs = zones[i + 1]?.fromMs ?? clockEndMs;
    const offsetMin = fixed[zone];
    if (offsetMin !== undefined) return [{ fromMs: startMs, toMs: endMs, offsetMin }];
    return berlinChanges.flatMap(([at, offset], n) => {
      const next = berlinChanges[n + 1]?.[0];
      const from = Math.max(Date.parse(at), startMs);
      const to = Math.min(next === undefined ? clockEndMs : Date.parse(next), endMs);
      return from < to ? [{ fromMs: from, toMs: to, offsetMin: offset }] : [];
    });
  });
}

/** Every time that the member's clock showed so many minutes after midnight, in order. */
export function timesAt({ startMs, endMs, clock }: Life, minuteOfDay: number): number[] {
  return clock.flatMap(({ fromMs, toMs, offsetMin }) => {
    const times: number[] = [];
    const first = Math.floor((fromMs + offsetMin * minuteMs) / dayMs) * dayMs;
    for (let midnight = first; ; midnight += dayMs) {
      const atMs = midnight + (minuteOfDay - offsetMin) * minuteMs;
      if (atMs >= Math.min(toMs, endMs)) return times;
      if (atMs >= Math.max(fromMs, startMs)) times.push(atMs);
    }
  });
}

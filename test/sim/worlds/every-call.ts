/**
 * A few scenarios in which nothing fails but one call: the Nth of all that any part makes, before its
 * effect, after it, or as the last thing that who made it ever did; for every N.
 */
import type { Draft } from "../../../providers/provider.ts";
import { type Happening, noTroubles, type Person, type Scenario } from "./scenario.ts";

const startMs = Date.UTC(2026, 10, 17, 9);
const minuteMs = 60_000;
const zone = "Europe/Berlin";

const people: readonly Person[] = [
  {
    accounts: [
      { provider: "garmin", account: "g0" },
      { provider: "apple-health", account: "a0" },
    ],
    zone,
    onBoards: true,
  },
  { accounts: [{ provider: "garmin", account: "g1" }], zone, onBoards: true },
];

const fact = (sourceId: string, revision: number, fields: object): Draft => {
  const raw = { column: "raw", text: JSON.stringify({ sourceId, said: revision }) };
  return { sourceId, revision, fields: fields as never, copyOf: null, raw };
};
const ride = (sourceId: string, revision: number, hoursAgo: number, distanceMm: number): Draft =>
  fact(sourceId, revision, {
    ...{ at: startMs - hoursAgo * 60 * minuteMs, type: "cycling", elapsedMs: 60 * minuteMs },
    ...{ movingMs: null, distanceMm, energyMcal: null, elevationGainMm: null },
    ...{ offsetMin: null, method: "device", deviceModel: null, app: null },
  });
const gone = (sourceId: string, revision: number): Draft => ({
  sourceId,
  revision,
  retracted: true,
});
const sale = (sourceId: string, revision: number, businessDay: string, amountMinor: number) =>
  fact(sourceId, revision, {
    ...{ at: startMs - minuteMs, store: "store-1", region: null, businessDay, currency: "EUR" },
    ...{ lines: [{ kind: "item", sku: "sku-1", quantity: 1, amountMinor }], references: [] },
    cards: [],
  });

const deliver = (
  atMin: number,
  person: number,
  account: number,
  ...drafts: Draft[]
): Happening => ({
  kind: "deliver",
  atMs: atMin * minuteMs,
  ...{ person, account, drafts },
});
const settings = (person: number, version: number, atMin: number, where = zone): Happening => ({
  ...{ kind: "settings", atMs: atMin * minuteMs, person, version, zone: where, onBoards: true },
});

const scenario = (
  stream: Scenario["stream"],
  whom: readonly Person[],
  happenings: readonly Happening[],
): Scenario => ({ seed: 7, stream, startMs, people: whom, troubles: noTroubles, happenings });

export const fixedScenarios: readonly { readonly name: string; readonly scenario: Scenario }[] = [
  {
    name: "a ride told twice, corrected to another day, settled in between, taken back",
    scenario: scenario("workouts", people, [
      settings(0, 1, 0),
      deliver(1, 0, 0, ride("r1", 1, 5, 20_000_000), ride("r2", 1, 30, 8_000_000)),
      deliver(2, 0, 1, ride("r1-also", 1, 5, 20_100_000)),
      { kind: "night", atMs: 4 * minuteMs },
      deliver(6, 0, 0, ride("r1", 2, 29, 21_000_000), gone("r2", 2)),
      settings(0, 2, 7, "Pacific/Auckland"),
      { kind: "evict", atMs: 8 * minuteMs, what: "ledger" },
    ]),
  },
  {
    name: "a member who is erased while more comes, beside one who stays",
    scenario: scenario("workouts", people, [
      settings(0, 1, 0),
      settings(1, 1, 0),
      deliver(1, 0, 0, ride("r1", 1, 5, 20_000_000)),
      deliver(1, 1, 0, ride("r1", 1, 6, 30_000_000)),
      { kind: "night", atMs: 3 * minuteMs },
      { kind: "erase", atMs: 6 * minuteMs, person: 0 },
      deliver(6, 0, 0, ride("r2", 1, 4, 5_000_000)),
      deliver(7, 1, 0, ride("r1", 2, 6, 31_000_000)),
    ]),
  },
  {
    name: "sales in ledgers that are shared, one moved to another day, one cancelled",
    scenario: scenario(
      "sales",
      [{ accounts: [{ provider: "shopify", account: "s0" }], zone, onBoards: false }],
      [
        deliver(1, 0, 0, sale("o1", 1, "2026-11-16", 900), sale("o2", 1, "2026-11-16", 400)),
        { kind: "night", atMs: 3 * minuteMs },
        deliver(5, 0, 0, sale("o1", 2, "2026-11-17", 950), gone("o2", 2)),
      ],
    ),
  },
];

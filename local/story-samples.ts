/**
 * The demo's chapter between rides: a watch and a phone measured the same day, and it comes out once.
 */
import { call, expectStatus, type People } from "./people.ts";
import type { System } from "./system.ts";

const hourMs = 3_600_000;
/** On the charger from noon to two. */
const watchHours = [7, 8, 9, 10, 11, 14, 15, 16, 17];
const watchSteps = 1_001;
/** In the pocket all day, and less exact. */
const phoneStretches = [7, 9, 12, 14, 16];
const phoneSteps = 5_070;

interface Shown {
  readonly value: number;
  readonly sources: readonly { readonly device: string; readonly share: number }[];
}

/** Lines to be said; throws when the day does not come out. */
export async function samplesChapter(
  system: System,
  people: People,
  day: string,
): Promise<string[]> {
  const { token } = people.members.ada;
  const ask = async (method: string, path: string, status: number, more: object = {}) =>
    expectStatus(await call(system.url, method, path, { token, ...more }), status);
  const begin = Date.parse(`${day}T00:00:00Z`);
  const steps = (id: string, kind: string, value: number, hours: number) => (hour: number) => ({
    ...{ type: "steps", value, unit: "count", sourceDevice: { id, kind } },
    startDate: new Date(begin + hour * hourMs).toISOString(),
    endDate: new Date(begin + (hour + hours) * hourMs).toISOString(),
  });
  const watch = watchHours.map(steps("ada's watch", "watch", watchSteps, 1));
  const phone = phoneStretches.map(steps("ada's phone", "phone", phoneSteps, 2));
  const sent: string[] = [];
  for (const samples of [phone, watch, [...watch, ...phone]]) {
    const { body } = await ask("POST", "/v1/sync", 200, { body: { samples } });
    sent.push(`${samples.length} samples: ${body.synced} new, ${body.duplicates} known already`);
  }
  const { body, headers } = await ask("GET", `/v1/summary?date=${day}&types=steps`, 200);
  const counted = body.metrics.steps as Shown;
  const expected = watchHours.length * watchSteps + phoneSteps;
  if (counted.value !== expected) throw new Error(`${counted.value} steps, and not ${expected}`);
  const known = { "if-none-match": headers.get("etag") ?? "" };
  await ask("GET", `/v1/summary?date=${day}&types=steps`, 304, { headers: known });
  const number = (n: number) => n.toLocaleString("en-US");
  const shares = counted.sources.map(({ share }) => `${Math.round(share * 100)} %`).sort();
  return [
    ...sent.map((line) => `   POST /v1/sync  ${line}`),
    `   her watch counted ${number(watchHours.length * watchSteps)} and lay on its charger from twelve to two; her phone`,
    `   counted ${number(phoneStretches.length * phoneSteps)} in all: of it those two hours fill the gap, ${number(phoneSteps)}`,
    `   GET /v1/summary?date=${day}: ${number(counted.value)} steps (${shares.join(" and ")} by device)`,
    "   asked again with its ETag: 304, nothing was opened and nothing logged",
  ];
}

/**
 * The member's devices at the door of the running system: two lanes at once, batch after batch, each
 * answer held against what it has to be. On the way the member says where they lived, and later which
 * device they believe first, when most of what hangs on it is there already.
 */
import { setTimeout } from "node:timers/promises";
import { type Answer, call, enrol, expectStatus, type Person } from "../../../local/people.ts";
import type { System } from "../../../local/system.ts";
import { type Batch, type Expected, statedOf } from "./batches.ts";
import type { DeviceName } from "./body.ts";
import { type Lane, lanes } from "./statements.ts";
import type { World } from "./world.ts";

/** Of the watch's batches, so many have gone before. */
const shareBefore = { zones: 0.5, order: 0.75 };
const triesMax = 8;
const pauseMs = 500;
const meetMs = 5;
const busy = [429, 503];

export interface Delivered {
  readonly member: Person;
  readonly batches: number;
  readonly samples: number;
  readonly answers: Expected & { readonly repeated: number; readonly again: number };
  /** Answers that are not what they have to be, in words. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

export async function delivered(
  system: System,
  world: World,
  told: (batches: number, of: number) => void,
): Promise<Delivered> {
  const [home] = world.life.zones;
  const settings = home === undefined ? {} : { zone: home.zone };
  const member = await enrol(system, "subject-year", "A year", ["member"], settings);
  const tally = new Tally();
  const of = lanes.reduce((sum, lane) => sum + world.lanes[lane].length, 0);
  const says = sayingsOf(system, member, world);
  const startedMs = Date.now();
  /** The share of the life that the watch has come to. */
  let lived = 0;
  const send = async (lane: Lane, batch: Batch) => {
    tally.note(batch, await answerTo(system, member, batch, tally), lane);
    told(tally.batches, of);
  };
  const watch = async () => {
    for (const [i, batch] of world.lanes.watch.entries()) {
      lived = i / world.lanes.watch.length;
      await says.get(i)?.();
      await send("watch", batch);
    }
  };
  // It has fewer: it keeps to the days that the watch is at, so that the two meet there.
  const phone = async () => {
    for (const [i, batch] of world.lanes.phone.entries()) {
      while (i / world.lanes.phone.length > lived) await setTimeout(meetMs);
      await send("phone", batch);
    }
  };
  const whole = watch().finally(() => {
    lived = 1;
  });
  await Promise.all([whole, phone()]);
  const { answers, wrong, samples, batches } = tally;
  return { member, batches, samples, answers, wrong, seconds: (Date.now() - startedMs) / 1000 };
}

/** What the member says before which of the watch's batches. */
function sayingsOf(
  system: System,
  member: Person,
  { lanes: { watch }, life, believed }: World,
): ReadonlyMap<number, () => Promise<void>> {
  const before = (share: number) => Math.floor(watch.length * share);
  const zones = async () => {
    for (const { zone, fromMs } of life.zones.slice(1))
      await put(system, member, "/v1/me", { zone, zoneFrom: new Date(fromMs).toISOString() });
  };
  const order = async () => {
    const ids = await idsOf(system, member);
    const ordered = believed[1].order.flatMap((device) => ids.get(device) ?? []);
    await put(system, member, "/v1/devices", { order: ordered, from: believed[1].since });
  };
  return new Map([
    [before(shareBefore.zones), zones],
    [before(shareBefore.order), order],
  ]);
}

async function put(system: System, { token }: Person, path: string, body: unknown): Promise<void> {
  expectStatus(await call(system.url, "PUT", path, { token, body }), 200);
}

/** By the name of each device its id in the system. */
export async function idsOf(
  system: System,
  { token }: Person,
): Promise<ReadonlyMap<DeviceName, string>> {
  const { body } = expectStatus(await call(system.url, "GET", "/v1/devices", { token }), 200);
  const found = body.devices as readonly { readonly id: string; readonly kind: DeviceName }[];
  return new Map(found.map(({ id, kind }) => [kind, id]));
}

/** Said again, with the same key, while the system says that it is busy. */
async function answerTo(
  system: System,
  { token }: Person,
  { samples, key }: Batch,
  tally: Tally,
): Promise<Answer> {
  const headers: Record<string, string> = key === null ? {} : { "idempotency-key": key };
  const body = { samples: samples.map(statedOf) };
  for (let i = 1; ; i++) {
    const answer = await call(system.url, "POST", "/v1/sync", { token, headers, body });
    if (!busy.includes(answer.status) || i === triesMax) return expectStatus(answer, 200);
    tally.answers.again++;
    await setTimeout(pauseMs * i);
  }
}

const counted = ["synced", "duplicates", "corrected", "deleted"] as const;

class Tally {
  batches = 0;
  samples = 0;
  readonly answers = {
    ...{ synced: 0, duplicates: 0, corrected: 0, deleted: 0 },
    ...{ repeated: 0, again: 0 },
  };
  readonly wrong: string[] = [];

  note({ samples, expected, isRepeated, key }: Batch, { body }: Answer, lane: string): void {
    this.batches++;
    this.samples += samples.length;
    if (isRepeated) this.answers.repeated++;
    else for (const what of counted) this.answers[what] += body[what];
    for (const what of counted)
      if (body[what] !== expected[what])
        this.wrong.push(`${lane} ${key}: ${what} ${body[what]}, not ${expected[what]}`);
    if (body.errors !== 0)
      this.wrong.push(`${lane} ${key}: ${JSON.stringify(body.errorDetails.slice(0, 2))}`);
  }
}

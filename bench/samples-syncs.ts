/**
 * Batches of fresh samples through the door of the running system, until their 200; and the floor: as
 * many bytes that are only encrypted and kept (floors/samples.ts). The two are sent in turn and take turns to be first, and all sizes take turns, so noise hits them alike.
 */
import { call, enrol, expectStatus, type Person } from "../local/people.ts";
import type { System } from "../local/system.ts";
import { percentile, progress, timed } from "./measure.ts";
import { bodyOf, Life, samplesADay } from "./samples-days.ts";

export interface Size {
  readonly samples: number;
  /** In one turn. */
  readonly rounds: number;
}
export interface Synced {
  readonly samples: number;
  readonly rounds: number;
  readonly bytes: number;
  /** Medians. */
  readonly ms: number;
  readonly floorMs: number;
  readonly perSecond: number;
  readonly floorPerSecond: number;
  /** Of time; 90th over 10th percentile. */
  readonly spread: number;
}

/** Where clocks change and no day of the member's is a day of UTC. */
const zone = "Europe/Amsterdam";
const turns = 8;
const turnsMin = 3;
/** On a busy machine fewer turns have to do: none begins after this. */
const longestMs = 65_000;
/** Half of a day is there before. */
const begun = samplesADay / 2;

export class Phone {
  readonly life = new Life();
  readonly person: Person;
  readonly #system: System;

  private constructor(system: System, person: Person) {
    this.#system = system;
    this.person = person;
  }

  static async of(system: System, name: string): Promise<Phone> {
    return new Phone(system, await enrol(system, `bench-${name}`, "Bench", ["member"], { zone }));
  }

  /** All of it is taken, and new. */
  async sync(body: string, samples: number): Promise<void> {
    const { token } = this.person;
    const answer = await call(this.#system.url, "POST", "/v1/sync", { token, body });
    if (expectStatus(answer, 200).body.synced !== samples)
      throw new Error(`not all of ${samples}: ${JSON.stringify(answer.body).slice(0, 300)}`);
  }
}

interface Times {
  readonly sync: number[];
  readonly floor: number[];
}

/** The first turn warms up, and is not counted. */
export async function syncs(
  system: System,
  floorUrl: string,
  sizes: readonly Size[],
): Promise<readonly Synced[]> {
  const keep = async (body: string) => {
    const { status } = await fetch(floorUrl, { method: "POST", body });
    if (status !== 200) throw new Error(`the floor answered ${status}`);
  };
  const measured = await Promise.all(
    sizes.map(async (size) => {
      const phone = await Phone.of(system, `sync-${size.samples}`);
      await phone.sync(bodyOf(phone.life.next(begun)), begun);
      return { size, phone, times: { sync: [], floor: [] } as Times };
    }),
  );
  const startedMs = performance.now();
  for (let turn = 0; turn <= turns; turn++) {
    if (turn > turnsMin && performance.now() - startedMs > longestMs) break;
    for (const { size, phone, times } of measured)
      for (let i = 0; i < size.rounds; i++)
        await round(phone, keep, size.samples, turn === 0 ? { sync: [], floor: [] } : times);
    if (turn > 0) progress(`  turn ${turn} of ${turns}`);
  }
  return measured.map(({ size, phone, times }) => syncedOf(size, phone, times));
}

async function round(
  phone: Phone,
  keep: (body: string) => Promise<void>,
  samples: number,
  times: Times,
): Promise<void> {
  const body = bodyOf(phone.life.next(samples));
  const own = async () => times.sync.push((await timed(() => phone.sync(body, samples))).ms);
  const bare = async () => times.floor.push((await timed(() => keep(body))).ms);
  const inTurn = times.sync.length % 2 === 0 ? [own, bare] : [bare, own];
  for (const one of inTurn) await one();
}

function syncedOf({ samples }: Size, { life }: Phone, { sync, floor }: Times): Synced {
  const [ms, floorMs] = [percentile(sync, 0.5), percentile(floor, 0.5)];
  return {
    ...{ samples, rounds: sync.length, bytes: bodyOf(life.next(samples)).length, ms, floorMs },
    perSecond: (samples * 1000) / ms,
    floorPerSecond: (samples * 1000) / floorMs,
    spread: percentile(sync, 0.9) / percentile(sync, 0.1),
  };
}

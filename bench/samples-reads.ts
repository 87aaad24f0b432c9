/**
 * A day at a glance: right after a sync changed it, asked with the version from before; unchanged, asked
 * with the present one; and `GET /v1/me` beside them, the same way through token, edge, one row of the
 * warehouse and one small sealed value of the vault, with nothing logged. Asked in turn. Then the first
 * look after all workers were started anew, when no key and no place is in memory.
 */

import { addDays } from "../domain/time.ts";
import { call, expectStatus } from "../local/people.ts";
import type { System } from "../local/system.ts";
import { percentile, progress, timed } from "./measure.ts";
import { bodyOf, firstDay, samplesADay } from "./samples-days.ts";
import { Phone } from "./samples-syncs.ts";

const rounds = 100;
/** On a busy machine fewer have to do: none begins after this. */
const longestMs = 25_000;
const warmUp = 10;
const perSync = 10;
const restarts = 3;
/** The day that is added to: what it lacks is enough for every round. */
const begunDays = 2;
const toldEveryMs = 5_000;

export interface Reads {
  readonly rounds: number;
  /** Medians, in ms. */
  readonly afterSync: number;
  readonly unchanged: number;
  /** `GET /v1/me`. */
  readonly profile: number;
  /** The 90th percentiles of the first two. */
  readonly afterSync90: number;
  readonly unchanged90: number;
  /** The slowest of a few. */
  readonly firstAfterStart: number;
}

export async function reads(system: System): Promise<Reads> {
  const phone = await Phone.of(system, "reads");
  const { token } = phone.person;
  const begun = begunDays * samplesADay + samplesADay / 4;
  await phone.sync(bodyOf(phone.life.next(begun)), begun);
  const path = `/v1/summary?date=${addDays(firstDay, begunDays)}`;
  let etag = "";
  const get = async (from: string, status: number) => {
    const headers: Record<string, string> = from === path ? { "if-none-match": etag } : {};
    const asked = await timed(() => call(system.url, "GET", from, { token, headers }));
    expectStatus(asked.value, status);
    return asked;
  };
  const times = { afterSync: [] as number[], unchanged: [] as number[], profile: [] as number[] };
  const startedMs = performance.now();
  let toldMs = startedMs;
  for (let i = 0; i < warmUp + rounds; i++) {
    if (times.profile.length > 0 && performance.now() - startedMs > longestMs) break;
    await phone.sync(bodyOf(phone.life.next(perSync)), perSync);
    const changed = await get(path, 200);
    etag = changed.value.headers.get("etag") ?? "";
    const same = await get(path, 304);
    const profile = await get("/v1/me", 200);
    if (i < warmUp) continue;
    times.afterSync.push(changed.ms);
    times.unchanged.push(same.ms);
    times.profile.push(profile.ms);
    if (performance.now() - toldMs < toldEveryMs) continue;
    progress(`  ${i - warmUp + 1} of ${rounds}`);
    toldMs = performance.now();
  }
  const first: number[] = [];
  for (let i = 0; i < restarts; i++) {
    await system.restart();
    etag = "";
    first.push((await get(path, 200)).ms);
  }
  return {
    rounds: times.profile.length,
    afterSync: percentile(times.afterSync, 0.5),
    unchanged: percentile(times.unchanged, 0.5),
    profile: percentile(times.profile, 0.5),
    afterSync90: percentile(times.afterSync, 0.9),
    unchanged90: percentile(times.unchanged, 0.9),
    firstAfterStart: Math.max(...first),
  };
}

/** Parked items of samples, read again: merged where their member lived, and never over what is newer. */
import { describe, expect, test } from "vitest";
import type { Replayed, ReplayedBy, Zones } from "../../../domain/ports.ts";
import { parkedBody } from "../../../kernel/parked.ts";
import { providerNamed } from "../../../providers/index.ts";
import { recordsOf } from "../../../providers/samples.ts";
import { replayItem } from "../../../workers/vault/parked-replay.ts";
import { listParked, openParked, parkItems } from "../../../workers/vault/parked-store.ts";
import { garminActivity } from "../../fakes/rides.ts";
import {
  chunkFactsIn,
  day,
  dayFactsIn,
  dayMs,
  digest,
  type Home,
  home,
  hourMs,
  merge,
  rows,
  utc,
  values,
  watch,
} from "./home.ts";

const tokyo: Zones = [{ zone: "Asia/Tokyo", fromMs: 0 }];
const by = (more: Partial<ReplayedBy> = {}): ReplayedBy => ({
  ...{ zones: utc, forgottenToMs: null },
  ...more,
});

async function park(at: Home, provider: string, kind: string, item: unknown) {
  const { world, member, now } = at;
  const body = parkedBody(kind, "account", item);
  const parked = { member, connection: watch, provider, reason: "unread", body };
  await parkItems(world.shards, [parked], now());
}
/** Of the item that was parked last. */
async function replay(at: Home, how: ReplayedBy | null): Promise<Replayed | null> {
  const { world, vault, now } = at;
  const [entry] = (await listParked(world.shards, null, 2)).items;
  const opened = await openParked(vault, entry?.id ?? "", now());
  return opened && replayItem(vault, digest, opened, how, now);
}
async function merged(at: Home, how = by()) {
  const answer = await replay(at, how);
  if (answer === null || !("merged" in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

/** A source's own count of a stretch, which it neither orders nor dates. */
const counted = (count: number, startDate = `${day}T22:00:00Z`) => ({
  sender: "acme",
  sample: {
    ...{ id: "w-9", type: "steps", value: count, unit: "1", startDate },
    endDate: new Date(Date.parse(startDate) + hourMs).toISOString(),
  },
});
const parkSteps = (at: Home, count: number) =>
  park(at, "standard-webhooks", "sample", counted(count));

/** As a door takes it today. */
async function said(at: Home, count: number) {
  const drafts = providerNamed("standard-webhooks")?.samples?.read(
    "sample",
    counted(count),
    at.now(),
  );
  if (!drafts?.ok) throw new Error(drafts?.error);
  const read = recordsOf(drafts.value, "standard-webhooks", utc, at.now());
  return merge(
    at,
    watch,
    read.flatMap((record) => (record.ok ? [record.value] : [])),
  );
}

describe("a parked item of samples", () => {
  test("waits for where its member lives, and until then nothing of it is taken", async () => {
    const at = await home();
    await parkSteps(at, 700);
    const [entry] = (await listParked(at.world.shards, null, 2)).items;
    expect(await replay(at, null)).toEqual({ still: "no-zones", wanted: entry });
    expect(await rows(at)).toEqual([]);
  });

  test("is merged on the days on which it was lived, and said twice changes nothing", async () => {
    const at = await home();
    await parkSteps(at, 700);
    const first = await merged(at, by({ zones: tokyo }));
    expect(first).toMatchObject({ still: null, merged: { outcomes: ["new"] } });
    expect(chunkFactsIn(first.merged.facts)).toMatchObject([{ at: dayMs, connection: watch }]);
    expect(dayFactsIn(first.merged.facts)).toMatchObject([{ day: "2026-11-15", steps: 700 }]);
    const before = await rows(at);
    const second = await merged(at, by({ zones: tokyo }));
    expect(second.merged).toEqual({ outcomes: ["duplicate"], facts: first.merged.facts });
    expect(await rows(at)).toEqual(before);
  });

  test("stands below what was taken of the same, whichever of them came first", async () => {
    const after = await home();
    await parkSteps(after, 700);
    await said(after, 900);
    expect((await merged(after)).merged.outcomes).toEqual(["older"]);
    expect(await values(after)).toEqual({ [day]: { steps: 900 } });

    const before = await home();
    await parkSteps(before, 700);
    await merged(before);
    expect((await said(before, 900)).outcomes).toEqual(["corrected"]);
    expect((await merged(before)).merged.outcomes).toEqual(["older"]);
    expect(await values(before)).toEqual({ [day]: { steps: 900 } });
  });

  test("that says that something is gone is heard however late, and once", async () => {
    const at = await home();
    const night = {
      ...{ id: "n-1", bedtime_start: `${day}T01:00:00Z`, bedtime_end: `${day}T07:00:00Z` },
      ...{ type: "long_sleep", total_sleep_duration: 21_600 },
    };
    await park(at, "oura", "sleep", night);
    await merged(at);
    expect(await values(at, ["sleep"])).toEqual({ [day]: { sleep: 21_600_000 } });
    await park(at, "oura", "sleep", { ...night, type: "deleted" });
    expect((await merged(at)).merged.outcomes).toEqual(["retracted"]);
    expect((await merged(at)).merged.outcomes).toEqual(["duplicate"]);
    expect(await values(at, ["sleep"])).toEqual({});
  });

  test("of what can be read in part gives that part, and says what is left", async () => {
    const at = await home();
    const data = [80, 9_000].map((qty, i) => ({ qty, date: `${day} 0${i + 7}:00:00 +0000` }));
    const item = { name: "weight_body_mass", units: "kg", data };
    await park(at, "health-auto-export", "metric", item);
    const answer = await merged(at);
    expect(answer).toMatchObject({ still: "impossible-value", merged: { outcomes: ["new"] } });
    expect(await values(at, ["weight"])).toEqual({ [day]: { weight: 80_000 } });
  });

  test("of which nothing can be read stays, with why", async () => {
    const at = await home();
    await park(at, "standard-webhooks", "sample", counted(7, "2027-01-01T00:00:00Z"));
    expect(await replay(at, by())).toEqual({ still: "start-in-future" });
  });

  test("from before an erasure of its account is forgotten, and not merged", async () => {
    const at = await home();
    await parkSteps(at, 700);
    const answer = await merged(at, by({ forgottenToMs: dayMs + 22 * hourMs }));
    expect(answer).toMatchObject({ still: null, merged: { outcomes: ["forgotten"], facts: [] } });
    expect(await rows(at)).toEqual([]);
  });
});

test("a parked workout of a provider that has samples too is read without anything more", async () => {
  const at = await home();
  const ride = { account: "a", id: "7100", startMs: dayMs, elapsedSeconds: 600, distanceM: 15_000 };
  await park(at, "garmin", "activities", garminActivity(ride));
  const answer = await replay(at, null);
  expect(answer).toMatchObject({ statements: [{ provider: "garmin", connection: watch }] });
});

/** Days that rest on what is no longer so are made anew by whoever comes next. */
import { describe, expect, test } from "vitest";
import { isRefusal, type Zones } from "../../../domain/ports.ts";
import { shardAt } from "../../../workers/vault/env.ts";
import { eraseScope } from "../../../workers/vault/erasure.ts";
import { rotateEpoch } from "../../../workers/vault/rotation.ts";
import { sampleDays } from "../../../workers/vault/sample-resolve.ts";
import {
  acknowledge,
  acknowledgedBy,
  devicesOf,
  setDeviceOrder,
} from "../../../workers/vault/sample-settings.ts";
import { isAtRest, opened } from "../erasures.ts";
import { deedsIn } from "../log-entries.ts";
import {
  chunkFactsIn,
  day,
  dayFactsIn,
  type Home,
  home,
  merge,
  named,
  phone,
  phoneDevice,
  reading,
  resolve,
  rows,
  steps,
  utc,
  values,
  watch,
} from "./home.ts";

const tokyo: Zones = [{ zone: "Asia/Tokyo", fromMs: 0 }];
const both = async (at: Home) => {
  await merge(at, phone, [
    steps(0, 700, { device: phoneDevice }),
    steps(9, 7, { device: phoneDevice }),
  ]);
  await merge(at, watch, [steps(0, 100)]);
};

describe("an erased connection", () => {
  test("is out of every day, and of what is kept of days", async () => {
    const at = await home();
    await both(at);
    await eraseScope(at.vault, at.member, { kind: "connection", connection: phone }, at.now());
    const kept = await opened(at.vault, at.member, at.now());
    expect(Object.keys(kept).some((name) => name.startsWith("day/"))).toBe(false);
    expect((await rows(at)).filter(({ connection }) => connection === phone)).toEqual([]);
    expect(await values(at)).toEqual({ [day]: { steps: 100 } });
    expect(await isAtRest(at.vault, at.member)).toBe(true);
  });

  test("has its days made anew in the open, with a greater revision", async () => {
    const at = await home();
    await both(at);
    const [before] = dayFactsIn((await resolve(at, [day])).facts);
    await eraseScope(at.vault, at.member, { kind: "connection", connection: phone }, at.now());
    const [after] = dayFactsIn((await resolve(at, [day])).facts);
    expect([before?.steps, after?.steps]).toEqual([107, 100]);
    expect(Number(after?.revision)).toBeGreaterThan(Number(before?.revision));
    await eraseScope(at.vault, at.member, { kind: "connection", connection: watch }, at.now());
    expect((await resolve(at, [day])).facts).toMatchObject([
      { day, steps: 0, distanceMm: 0, energyMcal: 0 },
    ]);
    expect(await values(at)).toEqual({});
  });

  test("leaves no key by which an older copy of a day would open", async () => {
    const at = await home();
    await both(at);
    const sealing = await at.vault.phi
      .prepare("SELECT DISTINCT key_id FROM sealed WHERE row_id LIKE 'day/%'")
      .all<{ key_id: string }>();
    await eraseScope(at.vault, at.member, { kind: "connection", connection: phone }, at.now());
    const keys = await at.vault.keyring.database
      .prepare("SELECT key_id FROM data_key")
      .all<{ key_id: string }>();
    const left = new Set(keys.results.map(({ key_id }) => key_id));
    expect(sealing.results.map(({ key_id }) => left.has(key_id))).toEqual([false]);
  });
});

describe("an erased chunk", () => {
  test("is gone, is not taken again, and the rest stays readable under another key", async () => {
    const at = await home();
    const next = 24 * 60;
    const batch = [steps(0, 100), steps(next, 50), reading("heart_rate", next, 61_000)];
    const { facts } = await merge(at, watch, batch);
    const [first] = chunkFactsIn(facts).sort((a, b) => a.at - b.at);
    const scope = { kind: "rows", rows: [first?.id ?? ""] } as const;
    await eraseScope(at.vault, at.member, scope, at.now());
    const again = await merge(at, watch, batch);
    expect(again.outcomes).toEqual(["forgotten", "duplicate", "duplicate"]);
    expect(await values(at, ["steps", "heart_rate"], day, "2026-11-15")).toEqual({
      "2026-11-15": { steps: 50, heart_rate: 61_000 },
    });
    expect(await isAtRest(at.vault, at.member)).toBe(true);
  });
});

describe("an epoch that was renewed", () => {
  test("leaves chunks readable, and duplicates known", async () => {
    const at = await home({ shards: 2 });
    await both(at);
    const shards = at.world.restarted();
    for (let step = 0, done = false; !done && step < 20; step++)
      ({ done } = await rotateEpoch(shards, at.now() + 8 * 86_400_000, 1_000));
    const fresh = { ...at, vault: shardAt(at.world.restarted(), at.vault.shard) };
    expect((await merge(fresh, watch, [steps(0, 100)])).outcomes).toEqual(["duplicate"]);
    expect(await values(fresh)).toEqual({ [day]: { steps: 107 } });
  });
});

describe("a zone that changes", () => {
  test("puts readings under the days of the new one, and back", async () => {
    const at = await home();
    await merge(at, watch, [steps(60, 10), steps(16 * 60, 5)]);
    expect(await values(at, ["steps"], day, "2026-11-15", tokyo)).toEqual({
      [day]: { steps: 10 },
      "2026-11-15": { steps: 5 },
    });
    expect((await resolve(at, [day, "2026-11-15"], tokyo)).facts).toMatchObject([
      { day, steps: 10, at: Date.parse(day) - 9 * 3_600_000 },
      { day: "2026-11-15", steps: 5 },
    ]);
    expect(await values(at, ["steps"], day, "2026-11-15")).toEqual({ [day]: { steps: 15 } });
  });

  test("names the days on which something is, page by page", async () => {
    const at = await home();
    const next = 24 * 60;
    await merge(at, watch, [steps(0, 1), steps(3 * next, 1), steps(40 * next, 1)]);
    const of = { member: at.member, zones: utc };
    const page = (from: string, limit: number) => sampleDays(at.vault, of, from, limit);
    expect(await page("0000-01-01", 100)).toEqual([day, "2026-11-17", "2026-12-24"]);
    expect(await page("0000-01-01", 2)).toEqual([day, "2026-11-17"]);
    expect(await page("2026-11-18", 2)).toEqual(["2026-12-24"]);
    const inTokyo = await sampleDays(at.vault, { ...of, zones: tokyo }, day, 100);
    for (const date of [day, "2026-11-17", "2026-12-24"]) expect(inTokyo).toContain(date);
  });
});

describe("the order of devices", () => {
  test("is the member's own, and decides from the day on from which it holds", async () => {
    const at = await home();
    const next = 24 * 60;
    for (const minute of [0, next]) {
      await merge(at, watch, [steps(minute, 100)]);
      await merge(at, phone, [steps(minute, 70, { device: phoneDevice })]);
    }
    const devices = await devicesOf(at.vault, at.member, at.now());
    if (isRefusal(devices)) throw new Error(devices.refused);
    const [watchId, phoneId] = [await named(at).device("W-1"), await named(at).device("P-1")];
    expect(devices.devices).toMatchObject([
      { id: watchId, kind: "watch", firstMs: Date.parse(day) },
      { id: phoneId, kind: "phone", firstMs: Date.parse(day) },
    ]);
    const order = { from: "2026-11-15", devices: [phoneId] };
    const changed = await setDeviceOrder(at.vault, at.member, order, at.now());
    expect(changed).toMatchObject({ orders: [order] });
    expect(await values(at, ["steps"], day, "2026-11-15")).toEqual({
      [day]: { steps: 100 },
      "2026-11-15": { steps: 70 },
    });
    const stranger = { from: null, devices: ["dev_somebody"] };
    expect(await setDeviceOrder(at.vault, at.member, stranger, at.now())).toEqual({
      refused: "invalid",
    });
    const deeds = deedsIn(at.world).filter(({ deed }) => deed.includes("device"));
    expect(deeds.map(({ deed, outcome }) => [deed, outcome])).toEqual([
      ["see-devices", "permitted"],
      ["set-device-order", "permitted"],
      ["set-device-order", "refused"],
    ]);
  });
});

describe("insights that were taken note of", () => {
  test("are remembered, once each, also by several at once", async () => {
    const at = await home();
    const note = (id: string) => acknowledge(at.vault, at.member, id, at.now());
    const ids = ["a", "b", "c", "a"];
    await Promise.all(ids.map(note));
    const known = await acknowledgedBy(at.vault, at.member, at.now());
    expect(isRefusal(known) ? known : [...known.ids].sort()).toEqual(["a", "b", "c"]);
    expect(await note("")).toEqual({ refused: "invalid" });
  });
});

test("what one day came to is not made anew for another", async () => {
  const at = await home();
  await both(at);
  await values(at);
  const before = await rows(at);
  await values(at);
  await resolve(at, [day]);
  expect(await rows(at)).toEqual(before);
});

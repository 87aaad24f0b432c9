import { describe, expect, test } from "vitest";
import { metrics } from "../../../domain/samples/metrics.ts";
import { mergeSamples } from "../../../workers/vault/sample-merge.ts";
import {
  chunkFactsIn,
  day,
  dayFactsIn,
  dayMs,
  digest,
  home,
  hourMs,
  merge,
  minuteMs,
  named,
  phone,
  phoneDevice,
  reading,
  rows,
  steps,
  utc,
  value,
  values,
  watch,
  watchDevice,
} from "./home.ts";

describe("samples that are merged", () => {
  test("come out once, and are told of as a chunk and a day", async () => {
    const at = await home();
    const { outcomes, facts } = await merge(at, watch, [steps(0, 100), steps(1, 50)]);
    expect(outcomes).toEqual(["new", "new"]);
    const chunkRow = await named(at).chunk("steps", watch, day);
    const [chunk, date] = [chunkFactsIn(facts), dayFactsIn(facts)];
    expect(chunk).toMatchObject([
      { id: chunkRow, at: dayMs, connection: watch, kind: "chunk", member: at.member },
    ]);
    expect(chunk[0]?.bytes).toBeGreaterThan(0);
    expect(chunk[0]?.digest).toMatch(/^[\w-]{40,}$/);
    expect(date).toMatchObject([
      { at: dayMs, day, connection: null, steps: 150, distanceMm: null, energyMcal: null },
    ]);
    expect(date[0]?.id).toMatch(/^day\/2026-11-14\/[\w-]{22}$/);
    expect(await values(at)).toEqual({ [day]: { steps: 150 } });
    expect((await rows(at)).map(({ row_id, group_name }) => [row_id, group_name])).toEqual([
      [chunkRow, "chunk"],
      [`day/${day}`, "day"],
      [`day/${day}`, "hours"],
      ["devices", "devices"],
    ]);
    expect(JSON.stringify(facts)).not.toContain("W-1");
  });

  test("again change nothing, and are told of in the version that stands", async () => {
    const at = await home();
    const batch = [steps(0, 100), reading("heart_rate", 3, 60_000)];
    const first = await merge(at, watch, batch);
    const before = await rows(at);
    const again = await merge(at, watch, [...batch, ...batch]);
    expect(new Set(again.outcomes)).toEqual(new Set(["duplicate"]));
    expect([...again.facts].sort(byId)).toEqual([...first.facts].sort(byId));
    expect(await rows(at)).toEqual(before);
  });

  test("late and smaller add to the day, they do not replace it", async () => {
    const at = await home();
    await merge(at, watch, [steps(600, 1_000)]);
    const { facts } = await merge(at, watch, [steps(30, 500)]);
    expect(dayFactsIn(facts)).toMatchObject([{ steps: 1_500 }]);
    expect(await values(at)).toEqual({ [day]: { steps: 1_500 } });
  });

  test("a correction is known as one, and its late original as older", async () => {
    const at = await home();
    await merge(at, watch, [steps(0, 100)]);
    const corrected = await merge(at, watch, [steps(0, 80)]);
    expect(corrected.outcomes).toEqual(["corrected"]);
    expect((await merge(at, watch, [steps(0, 100)])).outcomes).toEqual(["older"]);
    expect(await values(at)).toEqual({ [day]: { steps: 80 } });
  });

  test("the better device covers the other, by whatever connection they came", async () => {
    const at = await home();
    await merge(at, phone, [
      steps(0, 700, { device: phoneDevice }),
      steps(9, 7, { device: phoneDevice }),
    ]);
    await merge(at, watch, [steps(0, 100)]);
    expect(await values(at)).toEqual({ [day]: { steps: 107 } });
  });

  test("a night that moved over midnight stands once", async () => {
    const at = await home();
    const night = (fromMs: number, revision: number) => ({
      ...reading("sleep", 0, 0, { id: "night", revision }),
      samples: [{ ...value(fromMs, 6 * hourMs, 6 * hourMs), stage: "asleep" as const }],
    });
    await merge(at, watch, [night(dayMs - 30 * minuteMs, 1)]);
    const { outcomes, facts } = await merge(at, watch, [night(dayMs + 30 * minuteMs, 2)]);
    expect(outcomes).toEqual(["corrected"]);
    expect(
      chunkFactsIn(facts)
        .map((fact) => fact.at)
        .sort(),
    ).toEqual([dayMs - 24 * hourMs, dayMs]);
    expect((await merge(at, watch, [night(dayMs - 30 * minuteMs, 1)])).outcomes).toEqual(["older"]);
    expect(await values(at, ["sleep"], "2026-11-12", "2026-11-16")).toEqual({
      [day]: { sleep: 6 * hourMs },
    });
  });

  test("what is gone is taken away, its older create refused, and the day says nothing is left", async () => {
    const at = await home();
    const one = (revision: number) => steps(0, 100, { id: "a", revision });
    await merge(at, watch, [one(1)]);
    const { outcomes, facts } = await merge(at, watch, [{ ...one(3), gone: true }]);
    expect(outcomes).toEqual(["retracted"]);
    expect(dayFactsIn(facts)).toMatchObject([{ steps: 0, distanceMm: 0, energyMcal: 0 }]);
    expect((await merge(at, watch, [one(2)])).outcomes).toEqual(["gone"]);
    expect(await values(at)).toEqual({});
  });

  test("of a device that is somebody else's are refused, and the rest is taken", async () => {
    const at = await home();
    const { outcomes } = await merge(at, watch, [
      steps(0, 100),
      steps(1, 100, { device: { ...watchDevice, id: await named(at).device("W-1") } }),
      steps(2, 100, { device: { ...watchDevice, id: `dev_${"x".repeat(22)}` } }),
    ]);
    expect(outcomes).toEqual(["new", "new", "not-your-device"]);
    expect(await values(at)).toEqual({ [day]: { steps: 200 } });
  });

  test("a day's revision grows when its totals change, and then only", async () => {
    const at = await home();
    const revisionAfter = async (batch: Parameters<typeof merge>[2]) =>
      Number(dayFactsIn((await merge(at, watch, batch)).facts)[0]?.revision);
    const first = await revisionAfter([steps(0, 100)]);
    expect(await revisionAfter([reading("heart_rate", 1, 60_000)])).toBe(first);
    expect(await revisionAfter([steps(0, 100)])).toBe(first);
    expect(await revisionAfter([steps(1, 1)])).toBeGreaterThan(first);
  });

  test("of a member or connection that is gone are forgotten", async () => {
    const { vault, now, ...at } = await home();
    await vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(at.member, watch)
      .run();
    const of = { member: at.member, connection: watch, zones: utc };
    expect(await mergeSamples(vault, digest, of, [steps(0, 1)], now)).toBe("forgotten");
    const stranger = { ...of, member: "m_nobody" as typeof at.member, connection: phone };
    expect(await mergeSamples(vault, digest, stranger, [steps(0, 1)], now)).toBe("forgotten");
  });

  test("of one day and ten metrics cost a row a chunk and two a local day", async () => {
    const at = await home();
    const ten = metrics.filter((metric) => metric !== "sleep").slice(0, 10);
    const batch = (shift: number) =>
      Array.from({ length: 1_500 }, (_, n) => {
        const metric = ten[n % ten.length] ?? "steps";
        return reading(metric, Math.floor(n / ten.length) * 8 + shift, 90_000 + n);
      });
    await merge(at, watch, batch(0));
    expect((await rows(at)).filter(({ group_name }) => group_name === "chunk")).toHaveLength(10);
    const { raw } = at.world.stores.phi[0] ?? {};
    const changes = () => Number(raw?.prepare("SELECT total_changes() AS n").get()?.n);
    const before = changes();
    const { outcomes } = await merge(at, watch, batch(1));
    expect(new Set(outcomes)).toEqual(new Set(["new"]));
    // A resting heart rate holds for a day: the next local day hangs on it too.
    expect(changes() - before).toBeLessThanOrEqual(10 + 2 + 2);
  });

  test("over years are merged in steps, all of them", async () => {
    const at = await home();
    const weights = Array.from({ length: 100 }, (_, n) =>
      reading("weight", -n * 24 * 60 * 3, 70_000 + n),
    );
    const { outcomes, facts } = await merge(at, watch, weights);
    expect(new Set(outcomes)).toEqual(new Set(["new"]));
    expect([chunkFactsIn(facts).length, dayFactsIn(facts).length]).toEqual([100, 100]);
  });

  test("too many for a row of the database lie in an object", async () => {
    const at = await home();
    const many = Array.from({ length: 9_000 }, (_, n) => ({
      ...reading("heart_rate", 0, 0, { id: `id ${n}` }),
      samples: [value(dayMs + n * 9_001, 60_000 + ((n * 7_919) % 40_000), 0)],
    }));
    await merge(at, watch, many);
    const [chunk] = (await rows(at)).filter(({ group_name }) => group_name === "chunk");
    expect(chunk?.object).toMatch(/\w/);
    const { outcomes } = await merge(at, watch, [...many.slice(0, 5), steps(0, 1)]);
    expect(outcomes).toEqual([...Array(5).fill("duplicate"), "new"]);
    expect((await values(at, ["heart_rate"]))[day]?.heart_rate).toBeGreaterThan(60_000);
  });

  test("are heard in the order in which they were said, also of one that moves to the day before", async () => {
    const at = await home();
    const moved = (minute: number, revision: number) =>
      steps(minute, revision, { id: "night", revision });
    const days = Array.from({ length: 40 }, (_, n) => steps(-1440 * n, 1));
    const { outcomes } = await merge(at, watch, [...days, moved(10, 1), moved(-10, 2)]);
    expect(outcomes).toEqual([...days.map(() => "new"), "new", "corrected"]);
    expect(await values(at)).toEqual({ [day]: { steps: 1 } });
  });
});

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1);

/**
 * Records that came from Fitbit's own API stay when their account moves to Google Health; what it
 * tells again is the same workouts. Everything goes through the kernel, as a connection hands it on.
 */
import { describe, expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import { noSettings } from "../../../domain/settings.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { accept } from "../../../kernel/accept.ts";
import { googleHealth } from "../../../providers/google-health.ts";
import { type Draft, isRetractedDraft } from "../../../providers/provider.ts";
import { MemoryWorld } from "../../kernel/memory-world.ts";

const startMs = Date.UTC(2026, 8, 14, 7);
const receivedMs = Date.UTC(2026, 10, 21);
const hour = 3_600_000;

interface Told {
  readonly id: string;
  readonly atMs?: number;
  readonly elapsedMs?: number;
  readonly distanceM?: number;
  readonly platform?: string;
  readonly type?: string;
}

/** As Google tells it today. */
function google(told: Told): Extract<Draft, { raw: object }> {
  const { id, atMs = startMs, elapsedMs = 1_834_000, distanceM = 5012.3 } = told;
  const { platform = "FITBIT", type = "RUNNING" } = told;
  const item = {
    name: `users/u/dataTypes/exercise/dataPoints/${id}`,
    dataSource: { platform, recordingMethod: "ACTIVELY_MEASURED" },
    exercise: {
      interval: {
        startTime: new Date(atMs).toISOString(),
        endTime: new Date(atMs + elapsedMs).toISOString(),
      },
      exerciseType: type,
      metricsSummary: { distanceMillimeters: distanceM * 1000 },
      updateTime: new Date(atMs + elapsedMs).toISOString(),
    },
  };
  const read = googleHealth.normalise("exercise", item, receivedMs);
  if (!read.ok || isRetractedDraft(read.value)) throw new Error("not read");
  return read.value;
}
/** As it was told by Fitbit's own API, before. */
function fitbit(told: Told, type = "running"): Draft {
  const draft = google(told);
  const fields = { ...draft.fields, type, app: null };
  return { ...draft, fields, copyOf: null };
}

async function counted(before: readonly Draft[], now: readonly Draft[]) {
  const world = new MemoryWorld();
  const member = "m_1" as MemberId;
  for (const [provider, drafts] of [
    ["fitbit", before],
    ["google-health", now],
  ] as const) {
    const connection = `c_${provider}` as ConnectionId;
    const origin = { member, connection, provider, account: `hash of ${provider}'s` };
    const outcomes = await accept(world.ports, workouts, origin, drafts, [], () => "");
    expect(outcomes).toEqual(drafts.map(() => "new"));
  }
  const facts = world.toLedger.flatMap((text) => JSON.parse(text));
  return workouts.resolve?.of(facts, noSettings, []) ?? [];
}

const logId = "31456789012";

describe("a workout that Fitbit told before", () => {
  it("counts once when it kept its number", async () => {
    const [one, ...more] = await counted([fitbit({ id: logId })], [google({ id: logId })]);
    expect(more).toEqual([]);
    expect(one?.sources).toHaveLength(2);
    expect(one?.joined.map((reason) => reason.rule)).toEqual(["copy"]);
  });

  it("counts once when it did not", async () => {
    const told = await counted([fitbit({ id: logId })], [google({ id: "8896720705097069096" })]);
    expect(told).toHaveLength(1);
    expect(told[0]?.joined.map((reason) => reason.rule)).toEqual(["overlap"]);
  });

  it("counts once when the two call it by different names, and its numbers are round", async () => {
    const round = { id: logId, elapsedMs: 1_800_000, distanceM: 5000 };
    const walked = google({ ...round, type: "WALKING" });
    expect(await counted([fitbit(round)], [walked])).toHaveLength(1);
  });

  it("counts beside others of that day, each once", async () => {
    const morning = { id: logId };
    const noon = { id: "31456789013", atMs: startMs + 5 * hour, elapsedMs: 2_400_000 };
    const evening = { id: "31456789014", atMs: startMs + 10 * hour };
    const all = [morning, noon, evening];
    expect(
      await counted(
        all.map((t) => fitbit(t)),
        all.map(google),
      ),
    ).toHaveLength(3);
    expect(await counted([fitbit(morning)], all.map(google))).toHaveLength(3);
  });

  it("is not taken for another that merely has its number", async () => {
    const other = { id: logId, atMs: startMs + 3 * hour, elapsedMs: 3_000_000, distanceM: 9_000 };
    expect(await counted([fitbit({ id: logId })], [google(other)])).toHaveLength(2);
  });
});

describe("a point", () => {
  const hint = (told: Partial<Told>) => google({ id: logId, ...told }).copyOf;

  it("names the number that it may have had at Fitbit", () => {
    const named = { provider: "fitbit", sourceId: logId };
    expect(hint({})).toEqual(named);
    expect(hint({ platform: "FITBIT_WEB_API" })).toEqual(named);
  });

  it.each<[string, Partial<Told>]>([
    ["of another platform", { platform: "HEALTH_CONNECT" }],
    ["whose number is too long for one", { id: "8896720705097069096" }],
    ["whose number is too short for one", { id: "4294967295" }],
    ["whose id is no number", { id: "a1b2c3d4-e5f6-7890" }],
    ["from after the end of that API", { atMs: Date.UTC(2026, 10, 14) }],
  ])("%s names none", (_, told) => {
    expect(hint(told)).toBeNull();
  });
});

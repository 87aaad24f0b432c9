import { gzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { readFile } from "../../providers/files/read.ts";
import type { FileSession } from "../../providers/files/session.ts";
import { unpack, unpackBudget } from "../../providers/files/unpack.ts";
import { fileItem, files } from "../../providers/files.ts";
import { isRetractedDraft } from "../../providers/provider.ts";
import { fitOf, gpxOf, ride, tcxOf } from "../fakes/activity-files.ts";

const receivedMs = ride.startMs + 86_400_000;
const bytesOf = (text: string) => new TextEncoder().encode(text);

const sessionOf = (bytes: Uint8Array): FileSession => {
  const [session] = readFile(bytes).sessions;
  if (session === undefined) throw new Error("no session");
  return session;
};
const draftOf = (session: object, digest: unknown = "digest") => {
  const result = files.normalise("session", { digest, session }, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const faultOf = (session: unknown, digest: unknown = "digest") => {
  const result = files.normalise("session", { digest, session }, receivedMs);
  return result.ok ? null : result.error;
};

const fit = sessionOf(fitOf());
const tcx = sessionOf(bytesOf(tcxOf()));
const gpx = sessionOf(bytesOf(gpxOf()));

describe("one activity in three formats", () => {
  it("begins within a second of itself", () => {
    for (const session of [fit, tcx, gpx])
      expect(Math.abs(session.startMs - ride.startMs)).toBeLessThanOrEqual(1000);
  });

  it("is equally long, in metres and on the clock", () => {
    for (const { distanceMm, elapsedMs } of [fit, tcx, gpx]) {
      expect(Math.abs((distanceMm ?? 0) / 1000 - ride.distanceM)).toBeLessThan(
        ride.distanceM * 0.005,
      );
      expect(Math.abs(elapsedMs - ride.elapsedS * 1000)).toBeLessThanOrEqual(1000);
    }
    expect(fit.movingMs).toBe(ride.timerS * 1000);
    expect(tcx.movingMs).toBe(fit.movingMs);
  });

  it("is the same kind of activity, with the same readings", () => {
    const drafts = [fit, tcx, gpx].map((session) => draftOf(session).fields);
    expect(drafts.map((fields) => fields.type)).toEqual(["cycling", "cycling", "cycling"]);
    expect(drafts.map((fields) => fields.hasTrack)).toEqual([true, true, true]);
    for (const { heartRate } of drafts) expect(heartRate).toEqual(drafts[0]?.heartRate);
  });

  it("comes from three sources that are told apart by what made the file", () => {
    const madeBy = ({ deviceModel, app }: FileSession) => [deviceModel, app];
    expect(madeBy(fit)).toEqual(["Garmin Fenix 5", null]);
    expect(madeBy(tcx)).toEqual(["Garmin fenix 5", "Connect Api"]);
    expect(madeBy(gpx)).toEqual([null, "Garmin Connect"]);
  });
});

describe("a session", () => {
  it("becomes a draft that fits the stream's schema", () => {
    const draft = draftOf(fit);
    const { heartRate, track, ...open } = draft.fields as {
      heartRate: unknown[];
      track: unknown[];
    };
    expect(open).toEqual({
      at: ride.startMs,
      elapsedMs: 1_800_000,
      movingMs: 1_740_000,
      type: "cycling",
      originalType: null,
      distanceMm: 9_000_000,
      energyMcal: 321_000_000,
      elevationGainMm: 41_000,
      speedMmps: 5172,
      offsetMin: 120,
      method: "device",
      deviceModel: "Garmin Fenix 5",
      app: null,
      hasTrack: true,
      heartRateBy: "unknown",
      title: null,
      notes: null,
      deviceName: null,
    });
    expect([heartRate.length, track.length]).toEqual([181, 181]);
    expect(draft).toMatchObject({ revision: null, copyOf: null, raw: { column: "raw" } });
    const fact = workoutSchema.omit({
      id: true,
      revision: true,
      member: true,
      connection: true,
      provider: true,
      originId: true,
      copyOf: true,
    });
    for (const session of [fit, tcx, gpx])
      expect(fact.safeParse(draftOf(session).fields).success).toBe(true);
  });

  it("is read the same after it was parked as text", () => {
    for (const session of [fit, tcx, gpx]) {
      const item = fileItem("digest", session);
      const parked = JSON.parse(JSON.stringify(item));
      const read = (body: unknown) => files.normalise(item.kind, body, receivedMs);
      expect(read(parked.body)).toEqual(read(item.body));
    }
  });

  it("keeps its summary messages and none of its samples as the raw slice", () => {
    for (const session of [fit, tcx, gpx]) {
      const { text } = draftOf(session).raw;
      expect(text.length).toBeLessThan(1000);
      expect(text).not.toContain("LatitudeDegrees");
    }
    expect(JSON.parse(draftOf(fit).raw.text).summary.session["7"]).toBe(1_800_000);
  });

  it("is named by its recording's own numbers, else by its file and its place in it", () => {
    const sourceId = '["fit",1,2697,3945849289,1160892023,0]';
    expect(draftOf(fit, "one").sourceId).toBe(sourceId);
    expect(draftOf(fit, "another").sourceId).toBe(sourceId);
    expect(draftOf(tcx, "one").sourceId).toBe('["file","one",0]');
    expect(draftOf({ ...tcx, index: 3 }, "one").sourceId).toBe('["file","one",3]');
    expect(draftOf(gpx, 'a","b').sourceId).toBe('["file","a\\",\\"b",0]');
  });

  it.each([
    ["no-id", { ...gpx, index: null }],
    ["no-start", { ...gpx, startMs: null }],
    ["no-start", { ...gpx, startMs: 0 }],
    ["no-duration", { ...gpx, elapsedMs: 0 }],
    ["start-in-future", { ...gpx, startMs: receivedMs + 2 * 86_400_000 }],
    ["too-many-samples", { ...gpx, heartRate: Array(691_201).fill(null) }],
    ["too-many-samples", { ...gpx, track: Array(691_201).fill(null) }],
    ["not-an-object", null],
    ["not-an-object", [gpx]],
  ])("is refused as %s", (fault, session) => {
    expect(faultOf(session)).toBe(fault);
  });

  it("without a digest has no name unless its recording has one", () => {
    expect(faultOf(gpx, null)).toBe("no-id");
    expect(faultOf(fit, null)).toBeNull();
  });

  it("reads absurd values as not stated, whatever their type", () => {
    const absurd = {
      distanceMm: "9",
      energyMcal: -1,
      elevationGainMm: Number.NaN,
      speedMmps: 1e9,
      offsetMin: 9999,
      method: "magic",
      heartRateBy: "feeling",
      movingMs: "long",
      heartRate: [{ t: ride.startMs, bpm: 4000 }, null, { t: "now", bpm: 100 }],
      track: [{ t: ride.startMs, lat: 91, lon: 5 }, { t: receivedMs * 2, lat: 5, lon: 5 }, 3],
    };
    expect(draftOf({ ...gpx, ...absurd }).fields).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      speedMmps: null,
      offsetMin: null,
      method: "unknown",
      heartRateBy: null,
      movingMs: null,
      hasTrack: false,
      heartRate: null,
      track: null,
    });
  });

  it.each([
    ["running", "running"],
    ["running/trail", "trail_running"],
    ["running/treadmill", "treadmill_running"],
    ["running/street", "running"],
    ["cycling/indoor_cycling", "indoor_cycling"],
    ["cycling/virtual_activity", "virtual_cycling"],
    ["cycling/gravel_cycling", "gravel_cycling"],
    ["fitness_equipment/indoor_rowing", "indoor_rowing"],
    ["training/strength_training", "strength_training"],
    ["training/yoga", "yoga"],
    ["swimming/lap_swimming", "swimming"],
    ["swimming/open_water", "open_water_swimming"],
    ["generic", "other"],
    ["Biking", "cycling"],
    ["Other", "other"],
    ["Road Biking", "cycling"],
    ["1", "cycling"],
    ["9", "running"],
    ["16", "swimming"],
    [null, "other"],
  ])("of sport %s is %s", (sport, type) => {
    expect(draftOf({ ...gpx, sport }).fields).toMatchObject({ type, originalType: null });
  });

  it("of an unknown sport is other, with the word kept", () => {
    for (const sport of ["quidditch", "golf/match", "77"])
      expect(draftOf({ ...gpx, sport }).fields).toMatchObject({
        type: "other",
        originalType: sport,
      });
  });
});

it("no text is a delivery in the name of files", () => {
  for (const body of ["", "{}", "<gpx/>"])
    expect(files.parse(body)).toEqual({ ok: false, error: "not-understood" });
});

it("a file reads the same alone, gzipped and in a ZIP", () => {
  const alone = fitOf();
  const packed = [
    alone,
    gzipSync(alone),
    zipSync({ "ride.fit": alone }),
    zipSync({ "ride.fit.gz": gzipSync(alone) }),
  ];
  for (const bytes of packed) {
    const [unpacked] = unpack(bytes, unpackBudget());
    if (unpacked === undefined || "refused" in unpacked) throw new Error("not unpacked");
    expect(Buffer.from(unpacked.bytes).equals(Buffer.from(alone))).toBe(true);
  }
});

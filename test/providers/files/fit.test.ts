import FitParser from "fit-file-parser";
import { describe, expect, it } from "vitest";
import { readFit } from "../../../providers/files/fit.ts";
import { chainedMax, samplesAFileMax } from "../../../providers/files/session.ts";
import {
  activity,
  deviceInfo,
  fileId,
  fitOf,
  lap,
  type Recording,
  record,
  ride,
  samples,
  session,
} from "../../fakes/activity-files.ts";
import { type FitMessageSpec, fitFile, fitTime, joined } from "../../fakes/fit-file.ts";

const day = 86_400_000;
const endMs = ride.startMs + ride.elapsedS * 1000;
const records = samples(ride).map((sample) => record(sample));

const read = (...messages: FitMessageSpec[]) => readFit(fitFile(messages));
const only = (file: ReturnType<typeof readFit>) => {
  expect(file.refused).toBeNull();
  expect(file.sessions).toHaveLength(1);
  return file.sessions[0] as (typeof file.sessions)[number];
};
/** The leg that begins so many seconds after the ride does. */
const leg = (afterS: number, elapsedS: number, sport: number): Recording => ({
  ...ride,
  startMs: ride.startMs + afterS * 1000,
  elapsedS,
  timerS: elapsedS,
  sport,
});

describe("the frame", () => {
  it.each([
    ["little-endian", {}],
    ["big-endian", { bigEndian: true }],
    ["with a short header", { headerBytes: 12 as const }],
  ])("%s says the same", (_, options) => {
    expect(readFit(fitOf(ride, options))).toEqual(readFit(fitOf()));
  });

  it("is read as another decoder reads it", async () => {
    const parser = new FitParser({ mode: "list" });
    const theirs = await parser.parseAsync(Buffer.from(fitOf()));
    const ours = only(readFit(fitOf()));
    const summary = theirs.sessions?.[0] as unknown as Record<string, number & Date>;
    expect(ours.startMs).toBe(summary.start_time?.getTime());
    expect(ours.elapsedMs).toBe((summary.total_elapsed_time ?? 0) * 1000);
    expect(ours.distanceMm).toBe((summary.total_distance ?? 0) * 1000);
    const points = theirs.records as unknown as { position_lat: number; heart_rate: number }[];
    expect(ours.heartRate.map(({ bpm }) => bpm)).toEqual(points.map((p) => p.heart_rate));
    ours.track.forEach(({ lat }, i) => {
      expect(lat).toBeCloseTo(points[i]?.position_lat ?? 0, 6);
    });
  });

  it("takes times from compressed headers, across their wrap", () => {
    const packed = samples({ ...ride, everyS: 20 }).map(({ ms, bpm }) => ({
      number: 20,
      fields: [[3, "uint8", bpm]],
      compressedTime: fitTime(ms),
    })) satisfies unknown[];
    const file = read(fileId(), ...records.slice(0, 1), ...(packed as never[]), session(ride));
    const beats = only(file).heartRate.slice(1, 4);
    expect(beats.map(({ t }) => (t - ride.startMs) / 1000)).toEqual([0, 20, 40]);
  });

  it("passes over developers' own fields and messages nobody knows", () => {
    const own = records.map((message) => ({ ...message, developerBytes: 3 }));
    const unknown: FitMessageSpec = { number: 0xff01, fields: [[1, "string", "x"]] };
    const file = read(fileId(), unknown, ...own, session(ride));
    expect(only(file).heartRate).toHaveLength(records.length);
  });
});

describe("times", () => {
  it("end at the start plus the elapsed time, though the session is dated days later", () => {
    const late = session(ride, [253, "uint32", fitTime(endMs + 3 * day)]);
    const { startMs, elapsedMs } = only(read(fileId(), ...records, late));
    expect([startMs, elapsedMs]).toEqual([ride.startMs, 1_800_000]);
  });

  it("do not begin when the file was made, before or after", () => {
    for (const ms of [ride.startMs - 37_000, endMs, endMs + 2 * day]) {
      const file = read(fileId({ created: fitTime(ms) }), ...records, session(ride));
      expect(only(file).startMs).toBe(ride.startMs);
    }
  });

  it("are at least what was moved when less is said to have passed", () => {
    const inverted = session(ride, [7, "uint32", 1_000_000]);
    const file = read(fileId(), ...records, inverted);
    expect(only(file)).toMatchObject({ elapsedMs: 1_740_000, movingMs: 1_740_000 });
    expect(file.notes).toContain("elapsed-below-timer");
  });

  it("of a ride of 27 days are those in which it was recorded", () => {
    const month = session(ride, [7, "uint32", 27 * day]);
    const file = read(fileId(), ...records, month);
    expect(only(file)).toMatchObject({ elapsedMs: 1_800_000, movingMs: 1_740_000 });
    expect(file.notes).toContain("elapsed-capped");
    const bare = only(read(fileId(), month));
    expect(bare.elapsedMs).toBe(1_740_000);
  });

  it("without a timer leave open what was moved", () => {
    const file = read(fileId(), ...records, session(ride, [8, "uint32", null]));
    expect(only(file)).toMatchObject({ elapsedMs: 1_800_000, movingMs: null });
  });

  it("without a start begin at the first reading", () => {
    const file = read(fileId(), ...records, session(ride, [2, "uint32", null]));
    expect(only(file).startMs).toBe(ride.startMs);
    expect(file.notes).toContain("derived-start");
  });

  it("far from the readings are said to be", () => {
    const early = session({ ...ride, startMs: ride.startMs - day });
    expect(read(fileId(), ...records, early).notes).toContain("times-disagree");
  });

  it("that count from when the device was switched on are refused", () => {
    const relative = session(ride, [2, "uint32", 16_441_241]);
    expect(read(fileId({ created: 16_441_241 }), relative).refused).toBe("no-absolute-time");
    const reading = record(samples(ride)[0] as never, [253, "uint32", 16_441_242]);
    expect(read(fileId(), reading).refused).toBe("no-absolute-time");
  });
});

describe("the offset", () => {
  const offsetOf = (seconds: number | null, maker = 1) => {
    const local = seconds === null ? null : endMs + seconds * 1000;
    const file = read(fileId({ maker }), ...records, session(ride), activity(endMs, local));
    return only(file).offsetMin;
  };

  it.each([
    [7200, 120],
    [-14_400, -240],
    [20_700, 345],
    [28_800, 480],
    [50_400, 840],
    [51_300, null],
    [7201, null],
    [600, null],
    [null, null],
  ])("of %s seconds is %s minutes", (seconds, minutes) => {
    expect(offsetOf(seconds)).toBe(minutes);
  });

  it("of zero is believed of makers that write their local time only", () => {
    expect(offsetOf(0, 1)).toBe(0);
    expect(offsetOf(0, 32)).toBe(0);
    expect(offsetOf(0, 294)).toBeNull();
    expect(offsetOf(0, 260)).toBeNull();
  });

  it("is none when the local time is FIT's first second", () => {
    const zero: FitMessageSpec = {
      number: 34,
      fields: [
        [253, "uint32", fitTime(endMs)],
        [5, "uint32", 0],
      ],
    };
    expect(only(read(fileId(), session(ride), zero)).offsetMin).toBeNull();
  });
});

describe("a file of several sessions", () => {
  const legs = [leg(0, 600, 5), leg(600, 60, 3), leg(660, 700, 2), leg(1360, 440, 1)];
  const file = read(fileId(), ...records, ...legs.map((l) => session(l)));

  it("is its legs, without the transitions between them", () => {
    expect(file.sessions.map(({ sport }) => sport)).toEqual(["swimming", "cycling", "running"]);
    expect(file.notes).toContain("transitions-left-out");
  });

  it("gives each leg its own readings and its own name", () => {
    const [swim, bike, run] = file.sessions;
    expect(swim?.heartRate.at(-1)?.t).toBeLessThan((legs[1] as Recording).startMs);
    expect(bike?.heartRate[0]?.t).toBeGreaterThanOrEqual((legs[2] as Recording).startMs);
    const places = [swim, bike, run].map((s) => s?.identity?.at(-1));
    expect(places).toEqual([0, 2, 3]);
  });

  it("chained of two FIT files names the same recording once", () => {
    const { sessions } = readFit(joined(fitOf(), fitOf()));
    expect(sessions.map((s) => JSON.stringify(s.identity))).toEqual(
      Array(2).fill(JSON.stringify(sessions[0]?.identity)),
    );
    const short = { ...ride, elapsedS: 20, timerS: 20, distanceM: 100 };
    const many = readFit(joined(...Array<Uint8Array>(chainedMax + 1).fill(fitOf(short))));
    expect(many.sessions).toHaveLength(chainedMax);
    expect(many.notes).toEqual(["too-many-chained"]);
    const settings = fitFile([fileId({ type: 2 })]);
    expect(readFit(joined(fitOf(), settings))).toMatchObject({ refused: null, notes: [] });
  });
});

describe("a file without a session", () => {
  it("is made of its lap, and says so", () => {
    const file = read(fileId(), ...records, lap(ride));
    expect(file.notes).toEqual(["derived-session"]);
    expect(only(file)).toMatchObject({
      startMs: ride.startMs,
      elapsedMs: 1_800_000,
      movingMs: 1_740_000,
      distanceMm: 9_000_000,
      energyMcal: 321_000_000,
      sport: "cycling",
    });
  });

  it("is known by its digest and less believed, for a summary may yet come", () => {
    const doubted = { identity: null, method: "unknown", deviceModel: "Garmin Fenix 5" };
    expect(only(read(fileId(), ...records, lap(ride)))).toMatchObject(doubted);
  });

  it("is made of its readings alone, with the sport its own message names", () => {
    const sport: FitMessageSpec = {
      number: 12,
      fields: [
        [0, "enum", 1],
        [1, "enum", 3],
      ],
    };
    expect(only(read(fileId(), sport, ...records))).toMatchObject({
      elapsedMs: 1_800_000,
      movingMs: null,
      distanceMm: 9_000_000,
      sport: "running/trail",
    });
  });

  it.each([
    ["settings", 2],
    ["a workout plan", 5],
    ["a course", 6],
    ["weight", 9],
    ["monitoring", 32],
  ])("is no activity when it holds %s", (_, type) => {
    expect(read(fileId({ type })).refused).toBe("not-an-activity");
    expect(read(fileId({ type }), ...records, lap(ride)).refused).toBe("not-an-activity");
  });

  it("is refused when its readings have no time", () => {
    const timeless: FitMessageSpec = { number: 20, fields: [[3, "uint8", 120]] };
    expect(read(fileId(), timeless).refused).toBe("no-time");
  });
});

describe("what recorded it", () => {
  const made = (id: FitMessageSpec, ...more: FitMessageSpec[]) =>
    only(read(id, ...more, ...records, session(ride)));

  it("has no name of its own without a serial number or a date", () => {
    expect(made(fileId({ maker: 23, serial: 0 })).identity).toBeNull();
    expect(made(fileId({ created: null })).identity).toBeNull();
    expect(made(fileId({ created: 16_441_241 })).identity).toBeNull();
  });

  it("is a device by its maker and model, or a program", () => {
    expect(made(fileId())).toMatchObject({ method: "device", deviceModel: "Garmin Fenix 5" });
    const wahoo = fileId({ maker: 32, product: 31 });
    const named: FitMessageSpec = {
      number: 23,
      fields: [
        [0, "uint8", 0],
        [27, "string", "ELEMNT BOLT"],
        [19, "string", "Somebody's ELEMNT"],
      ],
    };
    expect(made(wahoo, named).deviceModel).toBe("Wahoo Fitness ELEMNT BOLT");
    expect(made(wahoo).deviceModel).toBe("Wahoo Fitness");
    const zwift = { method: "unknown", deviceModel: null, app: "Zwift" };
    expect(made(fileId({ maker: 260 }))).toMatchObject(zwift);
    const development = { method: "unknown", deviceModel: null, app: null };
    expect(made(fileId({ maker: 255 }))).toMatchObject(development);
  });

  it.each([
    ["strap", [deviceInfo(1, 120, 1)]],
    ["strap", [deviceInfo(1, 120, null)]],
    ["strap", [deviceInfo(1, 1, 3)]],
    ["wrist", [deviceInfo(1, 10, 5)]],
    ["strap", [deviceInfo(1, 10, 5), deviceInfo(2, 120, 1)]],
    ["unknown", [deviceInfo(1, 4, 5), deviceInfo(2, 11, 1)]],
    ["unknown", []],
  ])("measured the heart rate by %s", (sensor, devices) => {
    expect(made(fileId(), ...devices).heartRateBy).toBe(sensor);
  });

  it("measured no heart rate when there is none", () => {
    const silent = session(ride, [16, "uint8", null]);
    const file = read(fileId(), deviceInfo(1, 120, 1), silent);
    expect(only(file).heartRateBy).toBeNull();
  });
});

describe("readings", () => {
  it("mean nothing where FIT says so: no fix, no beat, a fix at zero", () => {
    const [first, second, third] = samples(ride) as [never, never, never];
    const nothing = record(first, [0, "sint32", 0x7fffffff], [3, "uint8", 0]);
    const origin = record(second, [0, "sint32", 0], [1, "sint32", 0], [3, "uint8", 0xff]);
    const { track, heartRate } = only(
      read(fileId(), nothing, origin, record(third), session(ride)),
    );
    expect([track.length, heartRate.length]).toEqual([1, 1]);
  });

  it("carry a height in metres, from either of its fields", () => {
    const [sample] = samples(ride) as [never];
    const high = record(sample, [2, "uint16", (12 + 500) * 5]);
    expect(only(read(fileId(), high, session(ride))).track[0]?.alt).toBe(12);
    const higher = record(sample, [2, "uint16", 2500], [78, "uint32", (8848 + 500) * 5]);
    expect(only(read(fileId(), higher, session(ride))).track[0]?.alt).toBe(8848);
  });

  it("state the distance when the session does not", () => {
    const file = read(fileId(), ...records, session(ride, [9, "uint32", null]));
    expect(only(file).distanceMm).toBe(9_000_000);
  });

  it("beyond what is kept are thinned evenly, and noted", () => {
    const long: Recording = { ...ride, elapsedS: samplesAFileMax + 10, everyS: 1 };
    const many = samples(long).map((sample) => record(sample));
    const file = read(fileId(), ...many, session(long));
    expect(file.notes).toEqual(["thinned"]);
    const { heartRate } = only(file);
    expect(heartRate.length).toBeLessThanOrEqual(samplesAFileMax);
    const steps = new Set(heartRate.slice(1).map(({ t }, i) => t - (heartRate[i]?.t ?? 0)));
    expect([...steps]).toEqual([2000]);
  });
});

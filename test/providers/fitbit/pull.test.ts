import { describe, expect, it } from "vitest";
import { msPerDay } from "../../../domain/time.ts";
import { fitbit } from "../../../providers/fitbit.ts";
import { isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 1);
const provider: Provider = fitbit;
const { pull, budget } = fitbit;

const page = (json: unknown, status = 200) =>
  pull.page(replied({ status, body: JSON.stringify(json) }));

/** Over midnight, by the clock where it was. */
const ride = {
  logId: 46_512_340_987,
  logType: "tracker",
  activityName: "Bike",
  startTime: "2026-10-13T23:41:07.000+09:00",
  duration: 2_405_000,
  averageHeartRate: 131,
  lastModified: "2026-10-13T15:20:00.500Z",
};
const startMs = Date.UTC(2026, 9, 13, 14, 41, 7);

function read(item: unknown) {
  const draft = provider.normalise("activities", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("its heart rate", () => {
  it("is asked for by the member's clock, over midnight too", () => {
    const step = pull.readings(ride);
    if (step === null) throw new Error("none");
    expect(pull.list(step, null)).toEqual({
      path: "/1/user/-/activities/heart/date/2026-10-13/2026-10-14/1sec/time/23:41/00:22.json",
      query: {},
    });
  });

  it("is put on the day on whose clock it stands", () => {
    const beats = [
      { time: "23:41:07", value: 99 },
      { time: "23:59:59", value: 130 },
      { time: "00:00:00", value: 131 },
      { time: "00:21:12", value: 90 },
    ];
    const { heartRate } = read(pull.join(ride, beats)).fields;
    expect(heartRate).toEqual([
      { t: startMs, bpm: 99 },
      { t: Date.UTC(2026, 9, 13, 14, 59, 59), bpm: 130 },
      { t: Date.UTC(2026, 9, 13, 15), bpm: 131 },
      { t: startMs + 2_405_000, bpm: 90 },
    ]);
  });

  it("outside of the workout, or none that a heart has, is left out", () => {
    const beats = [
      { time: "23:41:06", value: 99 },
      { time: "00:21:13", value: 99 },
      { time: "12:00:00", value: 99 },
      { time: "24:00:00", value: 99 },
      { time: "23:50:00", value: 0 },
      { time: "23:50:01", value: 401 },
      { time: "23:50:02", value: "99" },
      null,
    ];
    expect(read(pull.join(ride, beats)).fields).not.toHaveProperty("heartRate");
  });

  it("that could not be had says nothing of the one that was had before", () => {
    const beats = [{ time: "23:50:00", value: 120 }];
    const [had, refused] = [read(pull.join(ride, beats)), read(pull.join(ride, []))];
    expect(refused.revision).toBe(had.revision);
    const { heartRate, ...others } = had.fields;
    expect(heartRate).toHaveLength(1);
    expect(refused.fields).toStrictEqual(others);
    expect(read(ride).fields).toStrictEqual(others);
  });

  it("is not asked for where the clock or the heart is unknown, or went round", () => {
    expect(pull.readings({ ...ride, startTime: "2026-10-13T14:41:07.000Z" })).toBeNull();
    expect(pull.readings({ ...ride, averageHeartRate: undefined })).toBeNull();
    expect(pull.readings({ ...ride, duration: msPerDay })).toBeNull();
  });

  it("comes as a list, and an app that may not have it gets the day alone", () => {
    const day = { "activities-heart": [{ dateTime: "2026-10-13", value: {} }] };
    const beats = [{ time: "23:41:07", value: 99 }];
    const whole = { ...day, "activities-heart-intraday": { dataset: beats, datasetInterval: 1 } };
    expect(page(whole)).toEqual({ ok: true, value: { items: beats, next: null } });
    expect(page(day)).toEqual({ ok: true, value: { items: [], next: null } });
    expect(page({ ...day, "activities-heart-intraday": {} })).toEqual({
      ok: false,
      error: "broken",
    });
  });
});

describe("the log", () => {
  const step = { collection: "activities", fromMs: Date.UTC(2026, 9, 12), toMs: 0 };

  it("is asked for from a day before on, by no offset but zero", () => {
    expect(pull.list(step, null)).toEqual({
      path: "/1/user/-/activities/list.json",
      query: { afterDate: "2026-10-11", sort: "asc", limit: "100", offset: "0" },
    });
  });

  it("goes on where the answer says, in words that the list is asked by", () => {
    const next =
      "https://api.fitbit.com/1/user/-/activities/list.json?offset=100&limit=100&sort=asc&afterDate=2026-10-11&x=1";
    const read = page({ activities: [ride], pagination: { next, previous: "" } });
    if (!read.ok || read.value.next === null) throw new Error("no next");
    expect(pull.list(step, read.value.next)).toEqual({
      path: "/1/user/-/activities/list.json",
      query: { offset: "100", limit: "100", sort: "asc", afterDate: "2026-10-11" },
    });
  });

  it("ends where no more is named", () => {
    for (const pagination of [undefined, {}, { next: "" }])
      expect(page({ activities: [], pagination })).toEqual({
        ok: true,
        value: { items: [], next: null },
      });
  });

  it.each([
    "https://api.fitbit.com.example.net/1/user/-/activities/list.json?offset=1",
    "http://api.fitbit.com/1/user/-/activities/list.json?offset=1",
    "https://me@api.fitbit.com/1/user/-/activities/list.json?offset=1",
    "https://api.fitbit.com/1/user/-/profile.json?offset=1",
    "https://api.fitbit.com/1/user/-/activities/list.json",
    "/1/user/-/activities/list.json?offset=1",
    7,
  ])("is not followed to %s", (next) => {
    expect(page({ activities: [], pagination: { next } })).toEqual({ ok: false, error: "broken" });
  });

  it("asks for one entry, and by nothing but a number", () => {
    expect(pull.one("activities", "46512340987").path).toBe("/1/user/-/activities/46512340987.tcx");
    expect(pull.one("activities", "../../profile").path).toBe("/1/user/-/activities/0.tcx");
  });

  it.each([
    [401, { errors: [{ errorType: "expired_token" }] }, "reconnect"],
    [403, { errors: [{ errorType: "insufficient_permissions" }] }, "refused"],
    [404, { errors: [{ errorType: "not_found" }] }, "gone"],
    [404, {}, "broken"],
    [410, { errors: [{ errorType: "not_found" }] }, "gone"],
    [429, {}, "again"],
    [503, {}, "again"],
    [400, { errors: [{ errorType: "validation" }] }, "refused"],
    [200, { sleep: [] }, "broken"],
  ])("answers %s %o: %s", (status, body, fault) => {
    expect(page(body, status)).toEqual({ ok: false, error: fault });
  });

  it("that came as a file proves nothing, and is never taken for a deletion", () => {
    const xml = replied({ body: "", complete: false, fault: "wrong-type" });
    expect(pull.page(xml)).toEqual({ ok: false, error: "broken" });
  });
});

describe("what is left of an hour's calls", () => {
  const nowMs = Date.UTC(2026, 9, 13, 14);
  const left = (reset: string) =>
    budget.learn?.(
      {
        "fitbit-rate-limit-limit": "150",
        "fitbit-rate-limit-remaining": "0",
        "fitbit-rate-limit-reset": reset,
      },
      nowMs,
    );

  it.each([
    ["2216", 2_216_000],
    [String(nowMs / 1000 + 61), 61_000],
    ["3600", 3_600_000],
    ["3601", undefined],
    [String(nowMs / 1000 + 7200), undefined],
    ["soon", undefined],
    ["-1", undefined],
  ])("ends at %s: in %s ms", (reset, resetsInMs) => {
    expect(left(reset)).toEqual({
      app: [],
      member: [
        {
          window: "hour",
          limit: 150,
          remaining: 0,
          ...(resetsInMs === undefined ? {} : { resetsInMs }),
        },
      ],
    });
  });

  it("is not known where no header says it", () => {
    expect(budget.learn?.({}, nowMs)).toEqual({ app: [], member: [{ window: "hour" }] });
  });
});

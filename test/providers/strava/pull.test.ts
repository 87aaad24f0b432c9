/** What is asked of Strava, what its answers come to, and when a record is done with. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { msPerDay } from "../../../domain/time.ts";
import type { Pull, PullStep } from "../../../providers/provider.ts";
import { strava } from "../../../providers/strava.ts";
import { replied } from "../replied.ts";

const pull = strava.pull as Required<Omit<Pull, "listedDays">>;
const startMs = Date.UTC(2026, 9, 3, 5);
const isoAt = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
const id = "16412345678";
const summary = {
  resource_state: 2,
  athlete: { id: 7_654_321, resource_state: 1 },
  id: Number(id),
  name: "Along the river",
  type: "Ride",
  sport_type: "Ride",
  start_date: isoAt(startMs),
  utc_offset: 10_800,
  elapsed_time: 4_410,
  moving_time: 4_207,
  distance: 28_099.4,
  has_heartrate: true,
  average_heartrate: 141.2,
  start_latlng: [60.2, 24.9],
  map: { id: "a1", summary_polyline: "_p~iF~ps|U" },
  manual: false,
  trainer: false,
  private: false,
  upload_id: 17_512_345_678,
  upload_id_str: "17512345678",
  external_id: "garmin_ping_493123456789",
};
const detail = {
  ...summary,
  resource_state: 3,
  calories: 870.2,
  device_name: "Garmin Edge 530",
  description: null,
};
const indoors = {
  start_latlng: [],
  map: { id: "a1", summary_polyline: "" },
  has_heartrate: false,
  average_heartrate: undefined,
};
const typed = { ...detail, ...indoors, manual: true, upload_id: null, external_id: null };
const streams = { time: { data: [0, 1] }, heartrate: { data: [101, 102] } };

const window: PullStep = { collection: "activities", fromMs: startMs, toMs: startMs + msPerDay };
const whole: PullStep = { collection: "activities", fromMs: startMs, toMs: startMs, of: id };
const itsStreams: PullStep = { ...whole, collection: "streams" };
const page = (json: unknown, step: PullStep | null = window, status = 200) =>
  pull.page(replied({ status, body: JSON.stringify(json) }), step);

describe("what is asked", () => {
  const seconds = startMs / 1000;

  it("is a window in seconds, two hundred a page, on from where the last one ended", () => {
    const path = "/api/v3/athlete/activities";
    const query = {
      after: String(seconds - 1),
      before: String(seconds + 86_401),
      per_page: "200",
    };
    expect(pull.list(window, null)).toEqual({ path, query });
    const moved = (cursor: string) => pull.list(window, cursor);
    expect(moved("before:1800000000")).toEqual({ path, query: { ...query, before: "1800000000" } });
    expect(moved("after:1790000000")).toEqual({ path, query: { ...query, after: "1790000000" } });
    for (const odd of ["", "page:2", "before:-1", "before:1&per_page=1"])
      expect(moved(odd)).toEqual({ path, query });
    expect(pull.list({ ...window, fromMs: 0 }, null).query.after).toBe("0");
  });

  it("of what a list held is all of it, then its streams; of a whole one its streams alone", () => {
    const one = { path: `/api/v3/activities/${id}`, query: { include_all_efforts: "false" } };
    const more = {
      path: `/api/v3/activities/${id}/streams`,
      query: { keys: "time,heartrate,latlng,altitude", key_by_type: "true" },
    };
    expect(pull.one("activities", id)).toEqual(one);
    expect(pull.readings(summary)).toEqual(whole);
    expect(pull.list(whole, null)).toEqual(one);
    expect(page(detail, whole)).toEqual({ ok: true, value: { items: [detail], next: "streams" } });
    expect(pull.list(whole, "streams")).toEqual(more);
    expect(page(streams, whole)).toEqual({ ok: true, value: { items: [{ streams }], next: null } });
    expect(pull.readings(detail)).toEqual(itsStreams);
    expect(pull.list(itsStreams, null)).toEqual(more);
    expect(page(streams, itsStreams)).toEqual(page(streams, whole));
  });

  it("is no stream of what was typed in, or has nothing that is read", () => {
    for (const bare of [typed, { ...detail, ...indoors }]) {
      expect(pull.readings(bare)).toBeNull();
      expect(page(bare, whole)).toEqual({ ok: true, value: { items: [bare], next: null } });
      // From a list it is still asked for whole: its energy and its device are nowhere else.
      expect(pull.readings({ ...bare, resource_state: 2 })).toEqual(whole);
    }
    const onTrainer = { ...detail, trainer: true, has_heartrate: false, average_heartrate: null };
    expect(pull.readings(onTrainer)).toBeNull();
    expect(pull.readings({ ...onTrainer, has_heartrate: true })).toEqual(itsStreams);
    for (const odd of [null, [], {}, { ...detail, id: "../1" }])
      expect(pull.readings(odd)).toBeNull();
  });

  it("for one record never leaves the path of activities", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (named) => {
        const at = [pull.one("activities", named), pull.list({ ...itsStreams, of: named }, null)];
        return at.every(({ path }) => {
          const { pathname } = new URL(path, "https://www.strava.com");
          return (
            pathname === path && /^\/api\/v3\/activities\/[A-Za-z0-9_~-]+(\/streams)?$/.test(path)
          );
        });
      }),
    );
  });
});

describe("an answer", () => {
  it("of a list holds its activities; of an id that activity; and nothing else", () => {
    expect(page([summary])).toEqual({ ok: true, value: { items: [summary], next: null } });
    expect(page([])).toEqual({ ok: true, value: { items: [], next: null } });
    expect(page(detail, null)).toEqual({ ok: true, value: { items: [detail], next: null } });
    const broken = { ok: false, error: "broken" };
    expect(page(detail)).toEqual(broken);
    expect(page([detail], null)).toEqual(broken);
    expect(page({}, null)).toEqual(broken);
    expect(page({ ...detail, id: 1 }, whole)).toEqual(broken);
    expect(page("streams", itsStreams)).toEqual(broken);
  });

  it("with streams in a list of them is read as well", () => {
    const listed = [
      { type: "time", data: [0, 1] },
      { type: "heartrate", data: [101, 102] },
    ];
    const [item] = pageItems(page(listed, itsStreams));
    expect(item).toMatchObject({ streams });
    expect(pageItems(page([], itsStreams))).toEqual([{ streams: {} }]);
  });

  it.each([
    [404, "", "gone"],
    [404, '{"message":"Record Not Found","errors":[]}', "gone"],
    [404, "<html></html>", "broken"],
    [429, '{"message":"Too Many Requests","errors":"Rate Limit Exceeded","status":429}', "again"],
    [503, "<html></html>", "again"],
    [
      401,
      '{"errors":[{"resource":"Athlete","field":"access_token","code":"invalid"}]}',
      "reconnect",
    ],
    [
      401,
      '{"errors":[{"resource":"AccessToken","field":"activity:read_permission"}]}',
      "reconnect",
    ],
    [
      401,
      '{"errors":[{"resource":"AccessToken","field":"access_token","code":"missing"}]}',
      "reconnect",
    ],
    // A scope that is missing takes nothing else away.
    [
      401,
      '{"message":"Authorization Error","errors":[{"resource":"AccessToken","field":"activity:read_permission","code":"missing"}]}',
      "refused",
    ],
    [401, "", "reconnect"],
    [403, '{"errors":[{"resource":"Application","field":"Status","code":"Inactive"}]}', "again"],
    [401, '{"errors":[{"resource":"Application","field":"","code":"invalid"}]}', "again"],
    [403, '{"message":"Forbidden","errors":[]}', "refused"],
    [402, "{}", "refused"],
    [200, "", "broken"],
  ])("of %i %s is %s, whatever was asked", (status, body, error) => {
    for (const step of [null, window, whole, itsStreams])
      expect(pull.page(replied({ status, body }), step)).toEqual({ ok: false, error });
  });

  it("is judged by its status line, whatever a header says", () => {
    const body = '{"errors":"Rate Limit Exceeded","status":429}';
    const reply = replied({ status: 429, body, headers: { status: "200 OK" } });
    expect(pull.page(reply, window)).toEqual({ ok: false, error: "again" });
  });
});

const pageItems = (answer: ReturnType<Pull["page"]>) => (answer.ok ? answer.value.items : []);

/** All of a list, as a window of it would be walked, by whichever rules the other side has. */
function walked(starts: readonly number[], newestFirst: boolean, mostAPage: number) {
  const all = starts.map((s, i) => ({ ...summary, id: i + 1, start_date: isoAt(s * 1000) }));
  all.sort((a, b) => a.start_date.localeCompare(b.start_date) * (newestFirst ? -1 : 1));
  const found = new Set<number>();
  const step = { ...window, fromMs: 0, toMs: startMs * 2 };
  let cursor: string | null = null;
  for (let pages = 1; ; pages++) {
    const { after, before } = pull.list(step, cursor).query;
    const isIn = (s: number) => s > Number(after) && s < Number(before);
    const held = all.filter(({ start_date }) => isIn(Date.parse(start_date) / 1000));
    const answer = page(held.slice(0, mostAPage), step);
    if (!answer.ok) return { fault: answer.error };
    for (const { id: had } of answer.value.items as { id: number }[]) found.add(had);
    cursor = answer.value.next;
    if (cursor === null) return { found: found.size, pages };
    if (pages > 60) return { fault: "endless" };
  }
}

describe("a list of many pages", () => {
  const base = startMs / 1000;

  it("is walked to its end, whichever end comes first, and when pages come a few short", () => {
    const daily = Array.from({ length: 950 }, (_, i) => base + i * 86_400);
    for (const newestFirst of [true, false])
      for (const mostAPage of [200, 187, 150])
        expect(walked(daily, newestFirst, mostAPage)).toMatchObject({ found: 950 });
    expect(walked(daily.slice(0, 149), true, 200)).toEqual({ found: 149, pages: 1 });
    expect(walked(daily.slice(0, 200), true, 200)).toEqual({ found: 200, pages: 2 });
  });

  it("loses none that began in the same second as the last of a page", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 150, maxLength: 700 }),
        fc.boolean(),
        (offsets, newestFirst) => {
          const walk = walked(
            offsets.map((s) => base + s),
            newestFirst,
            200,
          );
          expect(walk).toMatchObject({ found: offsets.length });
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is broken, and never endless, where a whole page began in one second", () => {
    const same = Array.from({ length: 300 }, () => base);
    expect(walked(same, true, 200)).toEqual({ fault: "broken" });
    expect(page(Array.from({ length: 200 }, () => ({})))).toEqual({ ok: false, error: "broken" });
  });
});

describe("a record", () => {
  it("is joined with what is its own alone", () => {
    expect(pull.join(summary, [detail, { streams }])).toEqual({ ...detail, streams });
    expect(pull.join(detail, [{ streams }])).toEqual({ ...detail, streams });
    expect(pull.join(summary, [{ ...detail, id: 7 }])).toEqual(summary);
    expect(pull.join(summary, [])).toEqual(summary);
    expect(pull.join(null, [detail])).toBeNull();
  });

  it("has one mark in a list and alone, whatever is missing or null", () => {
    const { upload_id_str, ...without } = detail;
    expect(upload_id_str).toBe("17512345678");
    const others = { kudos_count: 7, average_speed: 6.68, max_heartrate: null };
    for (const same of [
      detail,
      { ...detail, ...others },
      without,
      Object.fromEntries(Object.entries(detail).reverse()),
    ])
      expect(pull.mark(same)).toBe(pull.mark(summary));
    expect(JSON.parse(pull.mark(summary))).toContain(id);
  });

  it.each([
    ["name", "Along the sea"],
    ["type", "Run"],
    ["sport_type", "GravelRide"],
    ["start_date", isoAt(startMs + 1000)],
    ["utc_offset", 7_200],
    ["elapsed_time", 4_411],
    ["moving_time", 4_208],
    ["distance", 28_099.5],
    ["total_elevation_gain", 12],
    ["average_heartrate", 141.3],
    ["has_heartrate", false],
    ["trainer", true],
    ["manual", true],
    ["private", true],
    ["visibility", "only_me"],
    ["flagged", true],
    ["external_id", "x.fit"],
    ["upload_id_str", "1"],
    ["id", 1],
  ])("has another mark once its %s is another", (name, value) => {
    expect(pull.mark({ ...summary, [name]: value })).not.toBe(pull.mark(summary));
  });

  it.each([
    ["a summary and no more", summary, [], true],
    ["a summary of what tells of no readings", { ...summary, ...indoors }, [], true],
    ["a summary of what was typed in", { ...typed, resource_state: 2 }, [], true],
    ["a summary and its streams, but not the activity", summary, [{ streams }], true],
    ["a summary with the activity, but no streams", summary, [detail], true],
    ["streams that came empty", detail, [{ streams: {} }], true],
    [
      "streams of a time and a distance alone",
      detail,
      [{ streams: { time: { data: [0] } } }],
      true,
    ],
    ["streams without a time", detail, [{ streams: { heartrate: { data: [90] } } }], true],
    ["its streams", detail, [{ streams }], false],
    ["the activity and its streams", summary, [detail, { streams }], false],
    ["what was typed in", typed, [], false],
    ["what tells of no readings", { ...detail, ...indoors }, [], false],
    ["a summary whose activity tells of none", summary, [{ ...detail, ...indoors }], false],
    [
      "a heart rate that is told of by its average alone",
      { ...detail, ...indoors, average_heartrate: 120 },
      [],
      true,
    ],
    ["a polyline alone", { ...detail, ...indoors, map: { summary_polyline: "_p~" } }, [], true],
    ["nothing", null, [], false],
  ])("with %s is unfinished: %#", (_, item, found, expected) => {
    expect(pull.isUnfinished(item, found as unknown[])).toBe(expected);
  });

  it("says whose it is, and is nobody's where it does not", () => {
    expect(pull.accountIn(summary)).toBe("7654321");
    for (const silent of [{}, null, { athlete: null }, { athlete: { id: "me" } }])
      expect(pull.accountIn(silent)).toBe("");
  });
});

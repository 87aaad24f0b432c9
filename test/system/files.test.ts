/**
 * Files through the whole system: a member hands them over, sees the workouts, and hands them over
 * again. Nothing of what they hold is said back but counts, places and reasons.
 */
import { gzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enrol, type Person } from "../../local/people.ts";
import {
  fileId,
  fitOf,
  gpxOf,
  type Recording,
  ride,
  session,
  tcxOf,
} from "../fakes/activity-files.ts";
import { fitFile, withBadCrc } from "../fakes/fit-file.ts";
import { heartRateOf, type OwnSystem, ownSystem, workoutsOf } from "./support.ts";

let own: OwnSystem;
let who: Person;
const text = (from: string) => new TextEncoder().encode(from);
/** The same kind of recording so many hours later. */
const later = (hours: number): Recording => ({
  ...ride,
  startMs: ride.startMs + hours * 3_600_000,
});

beforeAll(async () => {
  own = await ownSystem();
  who = await enrol(own.system, "subject-files", "Files", ["member"], { zone: "Europe/Amsterdam" });
});
afterAll(() => own?.end());

async function upload(
  body: Uint8Array | FormData,
  headers: Record<string, string> = {},
  person = who,
  // biome-ignore lint/suspicious/noExplicitAny: the documented answers.
): Promise<{ status: number; text: string; body: any }> {
  const response = await fetch(`${own.system.url}/v1/files`, {
    method: "POST",
    headers: { authorization: `Bearer ${person.token}`, ...headers },
    body: body as BodyInit,
  });
  const answer = await response.text();
  return { status: response.status, text: answer, body: JSON.parse(answer) };
}
const counts = ({ body }: { body: Record<string, unknown> }) => [
  body.imported,
  body.duplicates,
  body.corrected,
  body.errors,
];

it("a FIT file is a workout with its heart rate; again it is a duplicate", async () => {
  const first = await upload(fitOf());
  expect(first.status).toBe(200);
  expect(first.body).toEqual({
    imported: 1,
    duplicates: 0,
    corrected: 0,
    errors: 0,
    files: [{ format: "fit", workouts: 1, notes: [] }],
    errorDetails: [],
  });
  const [workout, ...others] = await workoutsOf(own.system, who);
  expect(others).toEqual([]);
  expect(workout.type).toBe("cycling");
  expect(workout.distanceMm.value).toBe(9_000_000);
  expect(await heartRateOf(own.system, who, workout.id)).toHaveLength(181);

  for (const again of [fitOf(), gzipSync(fitOf()), zipSync({ "x.fit": fitOf() })])
    expect(counts(await upload(again))).toEqual([0, 1, 0, 0]);
  expect(await workoutsOf(own.system, who)).toHaveLength(1);
});

it("a ZIP of TCX and GPX is read file by file, and a bad one sinks no other", async () => {
  const zip = zipSync({
    "ride.tcx": text(tcxOf(later(24))),
    "settings.fit": fitFile([fileId({ type: 2 })]),
    "ride.gpx": text(gpxOf(later(48))),
  });
  const answer = await upload(zip);
  expect(counts(answer)).toEqual([2, 0, 0, 1]);
  expect(answer.text).not.toMatch(/ride|settings\.fit|Morning/);
  expect(answer.body.files.map((f: { format: string }) => f.format)).toEqual(["tcx", "fit", "gpx"]);
  expect(answer.body.errorDetails).toEqual([
    { index: 1, workout: null, code: "not-an-activity", message: expect.any(String) },
  ]);
  expect(await workoutsOf(own.system, who)).toHaveLength(3);
});

it("FIT, TCX and GPX of one activity are one workout", async () => {
  const person = await enrol(own.system, "subject-three", "Three", ["member"], { zone: "UTC" });
  const three = zipSync({ a: fitOf(), b: text(tcxOf()), c: text(gpxOf()) });
  expect(counts(await upload(three, {}, person))).toEqual([3, 0, 0, 0]);
  const [workout, ...others] = await workoutsOf(own.system, person);
  expect(others).toEqual([]);
  expect(workout.type).toBe("cycling");
});

it("a form may hold several files", async () => {
  const form = new FormData();
  form.append("file", new Blob([fitOf(later(72)) as BlobPart]), "one.fit");
  form.append("file", new Blob([gpxOf(later(96))]), "two.gpx");
  form.append("note", "not a file");
  expect(counts(await upload(form))).toEqual([2, 0, 0, 0]);
  const broken = { "content-type": "multipart/form-data; boundary=x" };
  expect((await upload(text("--y\r\n"), broken)).status).toBe(400);
});

it("what is taken with a fault is noted in words", async () => {
  const { body } = await upload(withBadCrc(fitOf(later(72))));
  expect(body.files[0].notes).toEqual([
    {
      code: "bad-checksum",
      message: "Its checksum is wrong; its content was readable and was taken.",
    },
  ]);
});

/** The same ride as it comes from a copy that is not whole: each says something else of it. */
const copies: [string, Uint8Array][] = [
  ["with a wrong checksum and another distance", withBadCrc(fitOf({ ...ride, distanceM: 12_000 }))],
  ["with a wrong checksum and a longer time", withBadCrc(fitOf({ ...ride, elapsedS: 2000 }))],
  ["without its last bytes", fitOf().slice(0, -5)],
  ["cut before its summary", fitOf().slice(0, fitOf().length >> 1)],
  ["in a gzip that breaks off", gzipSync(fitOf()).slice(0, -400)],
  ["as TCX that breaks off", text(tcxOf().slice(0, tcxOf().length >> 1))],
  [
    "as TCX with a bare ampersand",
    text(tcxOf({ ...ride, distanceM: 12_000 }).replace("Connect Api", "A & B")),
  ],
  ["as GPX that breaks off", text(gpxOf().slice(0, gpxOf().length >> 1))],
];

it.each(copies)(
  "a copy %s never corrects the whole file, whichever comes first",
  async (name, copy) => {
    const shown = async (person: Person) => {
      const [workout, ...others] = await workoutsOf(own.system, person);
      expect(others).toEqual([]);
      const { type, start, elapsedMs, movingMs, distanceMm, energyMcal } = workout;
      const values = [movingMs, distanceMm, energyMcal].map(({ value }) => value);
      expect([type, elapsedMs, ...values]).toEqual([
        "cycling",
        1_800_000,
        1_740_000,
        9_000_000,
        321_000_000,
      ]);
      expect(workout.held).toEqual([]);
      return start;
    };
    const joining = (order: string) =>
      enrol(own.system, `subject-${name}-${order}`, "Whole", ["member"], { zone: "UTC" });
    const first = await joining("whole first");
    expect(counts(await upload(fitOf(), {}, first))).toEqual([1, 0, 0, 0]);
    const start = await shown(first);
    expect(counts(await upload(copy, {}, first))).toEqual([1, 0, 0, 0]);
    expect(await shown(first)).toBe(start);
    for (const again of [fitOf(), copy])
      expect(counts(await upload(again, {}, first))).toEqual([0, 1, 0, 0]);
    expect(await shown(first)).toBe(start);

    const second = await joining("whole last");
    expect(counts(await upload(copy, {}, second))).toEqual([1, 0, 0, 0]);
    expect(counts(await upload(fitOf(), {}, second))).toEqual([1, 0, 0, 0]);
    expect(await shown(second)).toBe(start);
  },
);

it("a workout that cannot be taken is parked, and its neighbour is not", async () => {
  const future = { ...ride, startMs: Date.now() + 30 * 86_400_000 };
  const legs = [later(120), future].map((leg) => session(leg));
  const answer = await upload(fitFile([fileId({ serial: 7 }), ...legs]));
  expect(counts(answer)).toEqual([1, 0, 0, 1]);
  expect(answer.body.errorDetails).toMatchObject([
    {
      index: 0,
      workout: 1,
      code: "start-in-future",
      message:
        "It says that it begins more than a day from now. It is kept aside and can be replayed.",
    },
  ]);
  const operator = await enrol(own.system, "operator", "The operator", ["operator"]);
  const parked = await fetch(`${own.system.url}/v1/ops/parked`, {
    headers: { authorization: `Bearer ${operator.token}` },
  });
  const { items } = (await parked.json()) as { items: { id: string; reason: string }[] };
  const item = items.find(({ reason }) => reason === "start-in-future");
  const replayed = await fetch(`${own.system.url}/v1/ops/parked/${item?.id}/replay`, {
    method: "POST",
    headers: { authorization: `Bearer ${operator.token}` },
  });
  expect(await replayed.json()).toMatchObject({ still: "start-in-future" });
});

it("an upload in which nothing is understood says why and keeps nothing", async () => {
  const before = await workoutsOf(own.system, who);
  const nothing = [new Uint8Array(), text("no file"), fitFile([fileId({ type: 2 })]), zipSync({})];
  for (const body of nothing) {
    const answer = await upload(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errorDetails).toHaveLength(1);
  }
  const bomb = zipSync({ a: new Uint8Array(40 * 1024 * 1024) }, { level: 9 });
  expect((await upload(bomb)).body.errorDetails[0].code).toBe("too-large");
  expect(await workoutsOf(own.system, who)).toHaveLength(before.length);
});

it("an idempotency key gives the same answer, and refuses other files", async () => {
  const key = { "idempotency-key": "upload-1" };
  const first = await upload(fitOf(later(144)), key);
  expect((await upload(fitOf(later(144)), key)).text).toBe(first.text);
  const other = await upload(fitOf(later(168)), key);
  expect([other.status, other.body.type]).toEqual([422, "urn:singlet:problem:key-reused"]);
});

it("a long recording comes through whole", async () => {
  const long = { ...later(240), elapsedS: 36_000, timerS: 36_000, distanceM: 200_000, everyS: 1 };
  expect(counts(await upload(gzipSync(text(tcxOf(long)))))).toEqual([1, 0, 0, 0]);
  const found = await workoutsOf(own.system, who);
  const workout = found.find((w) => w.distanceMm.value === 200_000_000);
  expect(await heartRateOf(own.system, who, workout.id)).toHaveLength(36_001);
});

it("files are a connection of their own", async () => {
  const response = await fetch(`${own.system.url}/v1/connections`, {
    headers: { authorization: `Bearer ${who.token}` },
  });
  const { items } = (await response.json()) as { items: { provider: string; status: string }[] };
  expect(items).toMatchObject([{ provider: "files", status: "connected" }]);
});

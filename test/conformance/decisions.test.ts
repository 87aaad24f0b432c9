/**
 * Splitting, joining, taking back and clearing, said wrongly: the documented status, nothing said
 * back, and nothing changed by it. docs/errors.md has a line for each.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, syncPhone, until } from "../../local/deliveries.ts";
import { enrol } from "../../local/people.ts";
import { appleWorkout, garminActivity } from "../fakes/rides.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "../system/support.ts";
import { type Answered, ask, marker } from "./support.ts";

let own: OwnSystem;
let who: Athlete;
let operator: string;
/** A merged ride, a ride of an hour later, and one of a fortnight later; newest first. */
let shown: { id: string; aliases: string[]; sources: { record: string }[] }[];

const startMs = Date.UTC(2026, 9, 14, 6);
const hourMs = 3_600_000;
const send = (method: string, path: string, body?: unknown, token = who.token): Promise<Answered> =>
  ask(own.system, method, path, {
    token,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const split = (id: string, body: unknown) => send("POST", `/v1/workouts/${id}/split`, body);
const join = (body: unknown) => send("POST", "/v1/workouts/join", body);
const type = (name: string) => `urn:singlet:problem:${name}`;
const merged = () =>
  shown.find((w) => w.sources.length === 2) ?? { id: "", aliases: [], sources: [] };
const recordOfMerged = () => merged().sources[0]?.record ?? "";
const fortnightLater = () => shown[0]?.id ?? "";

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "decisions");
  operator = (await enrol(own.system, "operator", "The operator", ["operator"])).token;
  const ride = {
    account: who.garmin,
    startMs,
    elapsedSeconds: 1800,
    distanceM: 9000,
    everySeconds: 60,
  };
  await pushActivities(
    own.system,
    garminActivity({ ...ride, id: "9000001" }),
    garminActivity({ ...ride, id: "9000002", startMs: startMs + 2 * hourMs }),
    garminActivity({ ...ride, id: "9000003", startMs: startMs + 14 * 24 * hourMs }),
  );
  const uuid = "9F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001";
  await syncPhone(own.system, who, "decisions", [appleWorkout({ ...ride, id: uuid })]);
  const found = await until(
    () => workoutsOf(own.system, who),
    (w) => w.length === 3 && w.some((x) => x.sources.length === 2),
  );
  shown = found ?? [];
});
afterAll(() => own?.end());

describe("a split", () => {
  it.each<[string, (record: string) => unknown]>([
    ["of no records", () => ({ records: [] })],
    ["of one text", (record) => ({ records: record })],
    ["of numbers", () => ({ records: [1] })],
    ["of an empty record", (record) => ({ records: [record, ""] })],
    ["of too many", (record) => ({ records: Array(65).fill(record) })],
    ["with a field of its own", (record) => ({ records: [record], [marker]: marker })],
    ["of a record that is not there", () => ({ records: [marker] })],
    ["of one that is and one that is not", (record) => ({ records: [record, marker] })],
  ])("%s: 400", async (_, body) => {
    const answer = await split(merged().id, body(recordOfMerged()));
    expect(answer.body.type).toBe(type("invalid-request"));
  });

  it("says which rule it breaks: of all the records, or of one that the workout does not have", async () => {
    const all = merged().sources.map((s) => s.record);
    for (const [id, records, rule] of [
      [merged().id, all, "all-of-workout"],
      [merged().id, [...all, ...all], "all-of-workout"],
      [merged().id, [recordOfMerged(), marker], "not-in-workout"],
      [merged().id, [...all, marker], "not-in-workout"],
      [fortnightLater(), [recordOfMerged()], "not-in-workout"],
    ] as const) {
      const answer = await split(id, { records });
      expect(answer.body.type).toBe(type("invalid-request"));
      expect(answer.body.fields).toEqual([{ field: "body.records", rule }]);
    }
  });

  it.each(["w_", "w_nothing", "w_%25", "nothing", "join"])("of %s: 404", async (id) => {
    const answer = await split(id, { records: [recordOfMerged()] });
    expect(answer.body.type).toBe(type("not-found"));
  });
});

describe("a join", () => {
  it.each<[string, (id: string) => unknown]>([
    ["of none", () => ({ workouts: [] })],
    ["of one", (id) => ({ workouts: [id] })],
    ["of one with itself", (id) => ({ workouts: [id, id] })],
    ["of one with its former id", (id) => ({ workouts: [id, ...merged().aliases] })],
    ["of too many", (id) => ({ workouts: Array(17).fill(id) })],
    ["of an id far too long", (id) => ({ workouts: [id, marker.repeat(4)] })],
    ["with a field of its own", (id) => ({ workouts: [id, fortnightLater()], [marker]: 1 })],
  ])("%s: 400", async (_, body) => {
    expect((await join(body(merged().id))).body.type).toBe(type("invalid-request"));
  });

  it("of one workout says which rule it breaks", async () => {
    const { id, aliases } = merged();
    for (const workouts of [
      [id, id],
      [id, ...aliases],
    ]) {
      const answer = await join({ workouts });
      expect(answer.body.fields).toEqual([{ field: "body.workouts", rule: "same-workout" }]);
    }
  });

  it("with what is not there: 404; with what lies too far apart: 422", async () => {
    const { id } = merged();
    for (const other of [marker, "w_", "w_nothing"])
      expect((await join({ workouts: [id, other] })).body.type).toBe(type("not-found"));
    const far = await join({ workouts: [id, fortnightLater()] });
    expect(far.body.type).toBe(type("too-far-apart"));
  });
});

describe("taking back", () => {
  it.each(["nothing", marker, "%00", "%F0%9F%9A%B4"])(
    "what was never said (%s): 404",
    async (id) => {
      expect((await send("DELETE", `/v1/decisions/${id}`)).status).toBe(404);
    },
  );

  it("a record, as if it were a decision: 404, and the record stays", async () => {
    const path = `/v1/decisions/${recordOfMerged()}`;
    expect((await send("DELETE", path)).status).toBe(404);
    const held = `/v1/ops/holds/${who.id}/${recordOfMerged()}`;
    expect((await send("DELETE", held, undefined, operator)).status).toBe(404);
  });
});

describe("an operator", () => {
  const holds = (rest: string, method = "POST") =>
    send(method, `/v1/ops/holds/${rest}`, undefined, operator);

  it("who names no member's id: 400; nobody's: 404", async () => {
    for (const [member, status] of [
      [marker, 400],
      ["m_", 400],
      [`m_${"0".repeat(32)}`, 404],
    ] as const) {
      expect((await holds(member, "GET")).status).toBe(status);
      expect((await holds(`${member}/${merged().id}/clear`)).status).toBe(status);
      expect((await holds(`${member}/nothing`, "DELETE")).status).toBe(status);
    }
  });

  it("who clears what is not held or not there: 404; with a broken cursor: 400", async () => {
    for (const id of [merged().id, "w_nothing", marker])
      expect((await holds(`${who.id}/${id}/clear`)).status).toBe(404);
    expect((await holds(`${who.id}?cursor=${marker}`, "GET")).status).toBe(400);
  });
});

it("none of that changed anything", async () => {
  expect(await workoutsOf(own.system, who)).toEqual(shown);
  expect((await send("GET", "/v1/decisions")).body.items).toEqual([]);
});

describe("the list of decisions", () => {
  interface Listed {
    readonly id: string;
    readonly decision: string;
    readonly sides: string[][];
    readonly workouts: string[];
  }
  const listed = async (): Promise<Listed[]> => (await send("GET", "/v1/decisions")).body.items;
  /** The workout that an id leads to. */
  const leadsTo = async (id: string): Promise<string> => {
    const { status, headers } = await send("GET", `/v1/workouts/${id}`);
    expect([200, 307]).toContain(status);
    return status === 200 ? id : ((headers.get("location") ?? "").split("/").at(-1) ?? "");
  };

  it("names for each record an id that leads to the workout it is part of now", async () => {
    const record = recordOfMerged();
    expect((await split(merged().id, { records: [record] })).status).toBe(200);
    const check = async () => {
      const now = await workoutsOf(own.system, who);
      const items = await listed();
      for (const { sides, workouts } of items) {
        const records = sides.flat();
        expect(workouts).toHaveLength(records.length);
        for (const [i, id] of workouts.entries()) {
          const has = (w: (typeof shown)[number]) => w.sources.some((s) => s.record === records[i]);
          expect(await leadsTo(id)).toBe(now.find(has)?.id);
        }
      }
      return items;
    };
    const [apart] = await check();
    expect(new Set(await Promise.all((apart?.workouts ?? []).map(leadsTo))).size).toBe(2);
    expect((await join({ workouts: apart?.workouts })).status).toBe(200);
    const items = await check();
    expect(items.map(({ decision }) => decision)).toEqual(["join", "split"]);
    expect(new Set(await Promise.all((apart?.workouts ?? []).map(leadsTo))).size).toBe(1);
    for (const { id } of items)
      expect((await send("DELETE", `/v1/decisions/${id}`)).status).toBe(200);
    expect(await workoutsOf(own.system, who)).toEqual(shown);
  });
});

it("whatever is said by hand is answered, and all of it taken back leaves what was", async () => {
  const ids = fc.constantFrom(
    ...shown.flatMap((w) => [w.id, ...w.aliases]),
    ...["w_nothing", marker],
  );
  const records = fc.constantFrom(
    ...shown.flatMap((w) => w.sources.map((s) => s.record)),
    ...["nothing", marker],
  );
  const some = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 });
  const words = fc.oneof(
    fc.record({ workouts: some(ids) }),
    fc.record({ id: ids, records: some(records) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 4 }), async (said) => {
      for (const word of said) {
        const answer = await ("workouts" in word
          ? join(word)
          : split(word.id, { records: word.records }));
        expect([200, 400, 404, 422]).toContain(answer.status);
      }
      const { items } = (await send("GET", "/v1/decisions")).body;
      for (const { id } of items)
        expect((await send("DELETE", `/v1/decisions/${id}`)).status).toBe(200);
      expect(await workoutsOf(own.system, who)).toEqual(shown);
    }),
    { numRuns: 20 },
  );
});

/**
 * POST /v1/sync: workouts, deletions and samples in one body, each item told of truly; the same request
 * again gets the same answer, its member's alone; samples alone go past the workouts.
 */
import { readFile } from "node:fs/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { metrics, sleepStages } from "../../domain/samples/metrics.ts";
import { deviceKinds } from "../../domain/samples/sample.ts";
import { sampleFaults } from "../../providers/sync/faults.ts";
import { appleBody, appleWorkout } from "../fakes/rides.ts";
import { ada, ben, saidOf, steps, world } from "./samples-world.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));

const started = async () => {
  const of = world();
  await of.enrol(ada);
  await of.enrol(ben);
  return of;
};
const counts = (more: object) => ({
  ...{ synced: 0, duplicates: 0, corrected: 0, deleted: 0, errors: 0, errorDetails: [] },
  ...more,
});
const ride = (n: number) =>
  appleWorkout({
    ...{ account: "self", id: `7F3C1E52-4B0C-4C39-9E55-0B0C4F0F000${n}`, elapsedSeconds: 1800 },
    ...{ startMs: Date.UTC(2026, 10, 20, 6), distanceM: 9000 },
  });

describe("samples", () => {
  it("are counted as what became of them", async () => {
    const of = await started();
    const first = [steps(6, 500, { uuid: "a" }), steps(7, 600, { uuid: "b" })];
    expect((await of.sync({ samples: first })).body).toEqual(counts({ synced: 2 }));
    const second = [first[0], steps(7, 650, { uuid: "b" }), steps(8, 700)];
    expect((await of.sync({ samples: second })).body).toEqual(
      counts({ synced: 1, duplicates: 1, corrected: 1 }),
    );
  });

  it("that are bad are named by their place, and the rest is taken", async () => {
    const of = await started();
    const samples = [
      steps(6, 500, { type: "mood" }),
      steps(7, 600),
      steps(8, -1),
      steps(9, 700, { sourceDevice: { id: "dev_of-somebody-else", kind: "watch" } }),
      steps(10, 800),
    ];
    const { status, body } = await of.sync({ samples });
    expect([status, body.synced, body.errors]).toEqual([200, 2, 3]);
    expect(body.errorDetails).toMatchObject([
      { index: 0, in: "samples", code: "unknown-type" },
      { index: 2, in: "samples", code: "impossible-value" },
      { index: 3, in: "samples", code: "not-your-device" },
    ]);
    for (const { message } of body.errorDetails) expect(message).toMatch(/^[A-Z].+\.$/);
    expect(of.held.size).toBe(2);
  });

  it("of which none could be read are 422, with why, and nothing is remembered", async () => {
    const of = await started();
    const said = await of.sync({ samples: [steps(6, 500, { unit: "mg/dL" })] });
    expect(saidOf(said)).toBe("not-understood");
    expect(said.body.errorDetails).toMatchObject([
      { index: 0, in: "samples", code: "unknown-unit" },
    ]);
    expect(of.kept(`samples/${ada}`).replies.size).toBe(0);
  });

  it("that are all another's device's were understood, and are told so", async () => {
    const of = await started();
    const sourceDevice = { id: "dev_of-somebody-else", kind: "watch" };
    const { status, body } = await of.sync({ samples: [steps(6, 500, { sourceDevice })] });
    expect([status, body.synced, body.errors]).toEqual([200, 0, 1]);
  });

  it("alone never touch the ledger of the workouts", async () => {
    const of = await started();
    expect((await of.sync({ samples: [steps(6, 500)] })).status).toBe(200);
    expect([...of.ledgers.keys()]).toEqual([`samples/${ada}`]);
    expect(of.kept(`samples/${ada}`).facts.has("chunk/2026-11-21")).toBe(true);
  });

  it("come by the member's own connection, like the phone's workouts", async () => {
    const of = await started();
    await of.sync({ samples: [steps(6, 500)] });
    await of.sync({ ...appleBody([ride(1)]), samples: [steps(7, 500)] });
    const { results } = await of.rows("SELECT id, member, provider FROM connection");
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ member: ada, provider: "apple-health" });
    expect(new Set(of.merges.map(({ connection }) => connection))).toEqual(
      new Set([results[0]?.id]),
    );
  });

  it("that are the first, two batches at once, come by one connection", async () => {
    const of = await started();
    await Promise.all([6, 7, 8].map((hour) => of.sync({ samples: [steps(hour, 500)] })));
    const { results } = await of.rows("SELECT id, ended_at FROM connection");
    expect(results).toEqual([{ id: of.merges[0]?.connection, ended_at: null }]);
    expect(new Set(of.merges.map(({ connection }) => connection)).size).toBe(1);
  });

  it("of a member who was erased meanwhile leave no connection, and are nobody's", async () => {
    const of = await started();
    await of.rows("UPDATE member SET erased_at = 1, zones = '[]' WHERE id = ?", ada);
    expect(saidOf(await of.sync({ samples: [steps(6, 500)] }))).toBe("unauthenticated");
    expect((await of.rows("SELECT id FROM connection")).results).toEqual([]);
    expect(of.merges).toEqual([]);
    expect((await of.sync({ samples: [steps(6, 500)] }, ben)).status).toBe(200);
  });

  it("that were forgotten are refused as such, and counted", async () => {
    const of = await started();
    await of.sync({ samples: [steps(6, 500)] });
    await of.rows("UPDATE connection SET forgotten_to = ?", Date.UTC(2026, 10, 21, 8));
    const { status, body } = await of.sync({ samples: [steps(7, 500), steps(9, 500)] });
    expect([status, body.synced, body.errors]).toEqual([200, 1, 1]);
    expect(body.errorDetails).toMatchObject([{ index: 0, in: "samples", code: "forgotten" }]);
  });

  it("that were forgotten are taken once that is lifted, be it the very same body", async () => {
    const of = await started();
    await of.sync({ samples: [steps(6, 500)] });
    await of.rows("UPDATE connection SET forgotten_to = ?", Date.UTC(2026, 10, 21, 8));
    const body = { samples: [steps(7, 500)] };
    expect((await of.sync(body)).body).toMatchObject({ synced: 0, errors: 1 });
    await of.rows("UPDATE connection SET forgotten_to = NULL");
    expect((await of.sync(body)).body).toMatchObject({ synced: 1, errors: 0 });
  });

  it("and workouts in one body are each told of in their own list", async () => {
    const of = await started();
    const body = {
      ...appleBody([{ ...ride(1), uuid: "none" }, ride(2)], ["none"]),
      samples: [steps(6, 500), steps(7, 1e9)],
    };
    const said = await of.sync(body);
    expect(said.body).toMatchObject({ synced: 2, errors: 3 });
    expect(said.body.errorDetails).toMatchObject([
      { index: 0, in: "workouts", code: "bad-uuid" },
      { index: 0, in: "deleted", code: "bad-uuid" },
      { index: 1, in: "samples", code: "impossible-value" },
    ]);
  });

  it("more than a batch may have are refused whole, and so is a body that is none", async () => {
    const of = await started();
    const many = Array.from({ length: 10_001 }, () => 0);
    expect(saidOf(await of.sync({ samples: many }))).toBe("not-understood");
    expect(saidOf(await of.sync({ samples: "none" }))).toBe("not-understood");
    expect(saidOf(await of.ask("post", "/v1/sync", { raw: "{" }))).toBe("not-json");
    expect(of.merges).toEqual([]);
  });

  it.each([
    ["body.samples", "too_big", `{"samples":[${"0,".repeat(10_000)}0]}`],
    ["body.workouts", "too_big", `{"workouts":[${"0,".repeat(500)}0],"samples":[]}`],
    ["body.samples", "invalid_type", '{"samples":{}}'],
    ["body.samples", "duplicate-key", '{"samples":[0],"samples":[0]}'],
    ["body.workouts", "duplicate-key", '{"workouts":[],"workouts":[],"samples":[0]}'],
    ["body", "duplicate-key", '{"samples":[0],"secret":1,"secret":2}'],
    ["body", "invalid_type", "[]"],
  ])("are refused whole with where and why: %s, %s", async (field, rule, raw) => {
    const of = await started();
    const said = await of.ask("post", "/v1/sync", { raw });
    expect([saidOf(said), said.body.fields]).toEqual(["not-understood", [{ field, rule }]]);
    expect(JSON.stringify(said.body)).not.toContain("secret");
    expect(of.merges).toEqual([]);
  });

  it("that a ledger did not take are not answered for, and their repetition completes them", async () => {
    const of = await started();
    of.faults.record = true;
    await expect(of.sync({ samples: [steps(6, 500)] })).rejects.toThrow("ledger");
    expect(of.kept(`samples/${ada}`).replies.size).toBe(0);
    of.faults.record = false;
    expect((await of.sync({ samples: [steps(6, 500)] })).body).toMatchObject({ duplicates: 1 });
    expect(of.kept(`samples/${ada}`).facts.size).toBe(1);
  });
});

// By address: the workers are checked against the platform's types, these tests against Node's.
const { syncRoutes } = await import(
  /* @vite-ignore */ new URL("../../workers/edge/routes/sync.ts", import.meta.url).href
);

it("the example of the documentation is taken as it stands, and says how sleep is sent", async () => {
  const of = await started();
  const text: string = syncRoutes[0].rawBody.description;
  const example = JSON.parse(/```json\n([^`]+)```/.exec(text)?.[1] ?? "null");
  expect((await of.sync(example)).body).toMatchObject({ synced: 6, errors: 0 });
  for (const word of [...metrics, ...sleepStages, ...deviceKinds])
    expect(text).toContain(`\`${word}\``);
});

it("docs/errors.md explains every code of a sample, and no other", async () => {
  const text = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const table = text.slice(text.indexOf("\n## Samples\n") + 1).split("\n## ")[0] ?? "";
  const rows = [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, codes = ""]) =>
    codes.split(", "),
  );
  const codes = rows.map((code) => code.replaceAll("`", ""));
  expect(codes.sort()).toEqual(Object.keys(sampleFaults).sort());
});

describe("the same request again", () => {
  it("without a key is known by its content, and gets the very same answer", async () => {
    const of = await started();
    const body = { samples: [steps(6, 500), steps(7, -1)] };
    const first = await of.sync(body);
    expect(await of.sync(body)).toMatchObject({ status: 200, body: first.body });
    expect(of.merges).toHaveLength(1);
    const other = await of.sync({ samples: [steps(6, 500)] });
    expect(other.body).toEqual(counts({ duplicates: 1 }));
  });

  it("by its key gets the same answer, and another body under it is refused", async () => {
    const of = await started();
    const key = { "idempotency-key": "one" };
    const first = await of.sync({ samples: [steps(6, 500)] }, ada, key);
    expect((await of.sync({ samples: [steps(6, 500)] }, ada, key)).body).toEqual(first.body);
    expect(saidOf(await of.sync({ samples: [steps(7, 500)] }, ada, key))).toBe("key-reused");
    expect(of.merges).toHaveLength(1);
  });

  it("by another member is another request: nobody's key or content swallows another's data", async () => {
    const of = await started();
    const body = { samples: [steps(6, 500)] };
    for (const headers of [{ "idempotency-key": "one" }, {}])
      for (const member of [ada, ben]) {
        of.held.clear();
        expect((await of.sync(body, member, headers as never)).body).toEqual(counts({ synced: 1 }));
      }
    expect(of.merges).toHaveLength(4);
  });

  it("keeps a batch with workouts beside the workouts, as ever", async () => {
    const of = await started();
    const body = { ...appleBody([ride(1)]), samples: [steps(6, 500)] };
    const first = await of.sync(body);
    expect(first.body).toEqual(counts({ synced: 2 }));
    expect(of.kept(`workouts/${ada}`).replies.size).toBe(1);
    expect((await of.sync(body)).body).toEqual(first.body);
    expect((await of.sync(appleBody([ride(2)]))).body).toEqual(counts({ synced: 1 }));
  });
});

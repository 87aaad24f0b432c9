import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { providerNamed, providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ProviderCases } from "../providers/cases/form.ts";
import { differences, type Expected, expectations } from "./providers/expected.ts";
import { type Judged, judge } from "./providers/judge.ts";
import { receivedMs } from "./providers/understand.ts";
import { folderOf } from "./providers.ts";

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const inFolder = (folder: string, body: unknown): Promise<Judged> =>
  judge(bytesOf(typeof body === "string" ? body : JSON.stringify(body)), {
    name: folder,
    provider: providerNamed(folder),
  });

const startTimeInSeconds = Date.UTC(2026, 10, 14, 7) / 1000;
const run = {
  userId: "account-1",
  summaryId: "20001",
  activityType: "RUNNING",
  startTimeInSeconds,
  startTimeOffsetInSeconds: 3600,
  durationInSeconds: 1800,
  distanceInMeters: 5000.4,
};
const push = { activities: [run] };

describe("a recorded body", () => {
  it("is accepted with what was understood of it", async () => {
    const judged = await inFolder("garmin", push);
    expect(judged.verdict).toBe("accepted");
    expect(judged.what).toBe("running 2026-11-14T07:00:00Z +01:00, 1800 s, 5000.4 m");
    expect(judged.workouts).toHaveLength(1);
  });

  it("says no account, id or title of anybody's", async () => {
    const titled = { ...run, activityName: "Round the hospital", deviceName: "Anna's watch" };
    const claim = { deregistrations: [{ userId: "account-1" }] };
    for (const body of [{ activities: [titled] }, claim]) {
      const { what } = await inFolder("garmin", body);
      expect(what).not.toMatch(/account-1|20001|hospital|Anna/);
    }
  });

  it.each<[string, unknown]>([
    ["alone", run],
    ["in a list", [run, { ...run, summaryId: "20002" }]],
    ["in a page", { data: [run], next_token: null }],
    ["in a delivery among deliveries", [push, push]],
    ["in an envelope that somebody recorded", { headers: {}, received: "now", body: push }],
    ["as text in an envelope", { headers: {}, body: JSON.stringify(push) }],
    ["a line each", `${JSON.stringify(push)}\n${JSON.stringify(push)}\n`],
    ["behind a byte-order mark", `\uFEFF${JSON.stringify(push)}`],
    ["in a form", `payload=${encodeURIComponent(JSON.stringify(push))}`],
  ])("is known %s", async (_, body) => {
    const { verdict, workouts } = await inFolder("garmin", body);
    expect(verdict).toBe("accepted");
    expect(workouts.length).toBeGreaterThanOrEqual(1);
  });

  it("is known in UTF-16 too", async () => {
    const text = `\uFEFF${JSON.stringify(push)}`;
    const bytes = new Uint8Array(Buffer.from(text, "utf16le"));
    const judged = await judge(bytes, { name: "garmin", provider: providerNamed("garmin") });
    expect(judged.verdict).toBe("accepted");
  });

  it("never hides a workout that was not read behind one that was", async () => {
    const nobodys = { ...run, userId: undefined };
    const judged = await inFolder("garmin", { activities: [run, nobodys] });
    expect(judged).toMatchObject({ verdict: "accepted", faults: ["not-understood"] });
    const alone = await inFolder("garmin", { activities: [nobodys] });
    expect(alone).toMatchObject({ verdict: "accepted" });
    const cut = await inFolder("garmin", { activities: [{ ...run, durationInSeconds: 0 }] });
    expect(cut).toMatchObject({ verdict: "refused", faults: ["no-duration"] });
    const endless = { ...run, durationInSeconds: 9 * 86_400 };
    const far = await inFolder("garmin", { activities: [endless] });
    expect(far).toMatchObject({ verdict: "refused", faults: ["out-of-range"] });
  });

  it("is not taken for a workout when it is a day, a night or a quarter of an hour", async () => {
    const day = { ...run, calendarDate: "2026-11-14", activityType: "GENERIC" };
    const quarter = { ...run, activityType: "WALKING", activeTimeInSeconds: 300, met: 2.5 };
    for (const body of [{ dailies: [day] }, day, [day]])
      expect(await inFolder("garmin", body)).toMatchObject({
        verdict: "accepted",
        workouts: [],
        readings: ["distance 2026-11-14T07:00:00Z 2026-11-14T07:30:00Z 5000400"],
      });
    expect(await inFolder("garmin", { epochs: [quarter] })).toMatchObject({ verdict: "ignored" });
  });
});

/** What the corpus looks for is workouts. */
const linked = Object.entries<Provider>(providers).filter(
  ([name, { stream }]) => stream === "workouts" && name !== "files",
);
describe.each(linked)("a record of %s", (name, provider) => {
  // Its items with their times; what a delivery wraps around them is the provider's own.
  const bodies = async (): Promise<unknown[]> => {
    const { cases } = await import(`../providers/cases/${name}.ts`);
    return (cases as ProviderCases).timeZones.flatMap(({ kind, item }) =>
      provider.normalise(kind, item, receivedMs).ok ? [item] : [],
    );
  };

  it("is accepted alone, in a list, a page and an envelope", async () => {
    for (const item of await bodies()) {
      for (const body of [item, [item], { data: [item] }, { records: [item] }, { body: item }]) {
        const { verdict, workouts } = await inFolder(name, body);
        expect([verdict, workouts.length], JSON.stringify(body)).toEqual(["accepted", 1]);
      }
    }
  });
});

describe("a folder without a provider", () => {
  const activity = {
    id: 1,
    sport_type: "Run",
    start_date: "2026-11-14T07:00:00Z",
    elapsed_time: 1800,
    distance: 5000,
  };
  it.each<[string, unknown]>([
    ["a record", activity],
    ["a page", [activity, activity]],
    ["a wrapped one", { data: { workout_summary: { duration_total_accum: "1800" } } }],
    ["where they lie", { exercises: ["https://example.com/exercises/1"] }],
    ["word of one", { object_type: "activity", aspect_type: "create", updates: {} }],
    ["word of one that is gone", { type: "result-deleted", result_id: 1 }],
    ["word of one in a form", "userid=1&workoutid=2"],
    ["an export", '<HealthData><Workout workoutActivityType="Running"/></HealthData>'],
  ])("has its workouts refused, not ignored: %s", async (_, body) => {
    const { verdict, what } = await inFolder("zwift", body);
    expect([verdict, what]).toEqual(["refused", expect.stringMatching(/no provider|workout/)]);
  });

  it.each<[string, unknown, string]>([
    ["an error", { message: "no", errors: [{ code: "invalid" }] }, "an error"],
    ["tokens", { access_token: "t", expires_in: 1 }, "tokens"],
    ["a subscription", [{ id: 1, callback_url: "https://example.com/" }], "subscriptions"],
    ["limits", { "X-RateLimit-Limit": "1,2", "X-RateLimit-Usage": "0,0" }, "headers"],
    ["a vector", { secret: "s", headers: {}, body: JSON.stringify(activity) }, "vectors"],
    ["a schema", "type: object\nproperties:\n  type:\n    const: activity\n", "YAML"],
    ["a page of prose", "# Workouts\n\nHow they are sent.\n", "prose"],
    ["a licence", "Apache License\nVersion 2.0, January 2004\n", "licence"],
    ["an empty list", { activities: [] }, "nothing in it"],
    ["nothing", "", "empty"],
  ])("says why it ignores %s", async (_, body, why) => {
    const { verdict, what } = await inFolder("zwift", body);
    expect(verdict).toBe("ignored");
    expect(what).toContain(why);
  });
});

describe("whatever a file holds", () => {
  const names = [...Object.keys(providers), "zwift", ""];

  it("comes to a verdict, when it is JSON of any shape", async () => {
    const keys = fc.constantFrom("activities", "data", "type", "start", "end", "id", "workout");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("list"), tie("object")),
      leaf: fc.oneof(fc.jsonValue({ maxDepth: 0 }), fc.constantFrom("RUNNING", "activity", 1e12)),
      list: fc.array(tie("value"), { maxLength: 4 }),
      object: fc.dictionary(fc.oneof(keys, fc.string()), tie("value"), { maxKeys: 6 }),
    }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), value, async (name, body) => {
        const { verdict, what } = await inFolder(name, JSON.stringify(body) ?? "");
        expect(["accepted", "ignored", "refused"]).toContain(verdict);
        expect(what).not.toBe("");
      }),
      { numRuns: 200 },
    );
  });

  it("comes to a verdict, when it is any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.uint8Array({ maxLength: 200 }),
        async (name, bytes) => {
          const folder = { name, provider: providerNamed(name) };
          const judged = await judge(new Uint8Array(bytes), folder);
          expect(judged.what).not.toBe("");
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each<[string, string, string]>([
    ["cut short", '{"activities":[{', "refused"],
    ["not JSON at all", "{]", "ignored"],
    ["nested deeper than anybody reads", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, "ignored"],
    ["nested objects", `${'{"data":'.repeat(20_000)}1${"}".repeat(20_000)}`, "ignored"],
    ["the same key twice", `{"activities":[],"activities":[${JSON.stringify(run)}]}`, "accepted"],
    ["a prototype", '{"__proto__":{"activities":[]},"constructor":1}', "ignored"],
    [
      "many entries",
      JSON.stringify(Array.from({ length: 20_000 }, () => ({ a: [{}] }))),
      "ignored",
    ],
  ])("comes to a verdict: %s", async (_, body, verdict) => {
    expect(await inFolder("garmin", body)).toMatchObject({ verdict });
  });
});

describe("the expected verdicts", () => {
  const all = expectations();

  it("are one a file, by name and bytes, and say why", () => {
    expect(all).toHaveLength(315);
    expect(new Set(all.map(({ file }) => file)).size).toBe(all.length);
    for (const { file, sha256, verdict, why, workouts } of all) {
      expect(sha256, file).toMatch(/^[0-9a-f]{64}$/);
      expect(["accepted", "ignored", "refused"], file).toContain(verdict);
      expect(why, file).not.toBe("");
      if (workouts !== undefined) expect(verdict, file).toBe("accepted");
    }
  });

  it("are told from what came out, field by field", async () => {
    const judged = await inFolder("garmin", push);
    const workout = {
      type: "running",
      start: "2026-11-14T07:00:00Z",
      offset: 60,
      seconds: 1800,
      metres: 5000,
    };
    const expected: Expected = {
      file: "garmin/push.json",
      sha256: "",
      verdict: "accepted",
      why: "a run",
      workouts: [workout],
      says: { notices: 0 },
    };
    expect(differences(judged, expected)).toEqual([]);
    for (const wrong of [
      { verdict: "refused" as const },
      { workouts: [] },
      { workouts: [{ ...workout, type: "walking" }] },
      { workouts: [{ ...workout, start: "2026-11-14T07:00:02Z" }] },
      { workouts: [{ ...workout, offset: null }] },
      { workouts: [{ ...workout, seconds: 1802 }] },
      { workouts: [{ ...workout, metres: null }] },
      { workouts: [{ ...workout, metres: 5030 }] },
      { faults: ["no-zone"] },
      { says: { notices: 1 } },
      { metrics: ["steps"] },
    ])
      expect(differences(judged, { ...expected, ...wrong }), JSON.stringify(wrong)).toHaveLength(1);
  });
});

it("finds the provider of a folder by the folder's path", () => {
  const nameOf = (file: string, dir = "/tmp/x") => folderOf(dir, file).provider?.name;
  expect(nameOf("fitbit/web-api/a.json")).toBe("fitbit");
  expect(nameOf("fitbit/google-health/a.json")).toBe("google-health");
  expect(nameOf("fitbit/a.json")).toBe("fitbit");
  expect(nameOf("apple/deep/er/a.json")).toBe("apple-health");
  expect(nameOf("standard-webhooks/a.json")).toBe("standard-webhooks");
  expect(nameOf("a.json", "/tmp/polar")).toBe("polar");
  expect(nameOf("constructor/a.json")).toBeUndefined();
  expect(nameOf("strava/a.json")).toBe("strava");
  expect(folderOf("/tmp/x", "zwift/a.json")).toEqual({ name: "zwift", provider: undefined });
  expect(folderOf("/tmp/x", "apple/a.json").also?.name).toBe("health-auto-export");
  expect(folderOf("/tmp/x", "polar/a.json").also).toBeUndefined();
});

describe("the command", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "singlet-recorded-"));
    const files: Record<string, string | Uint8Array> = {
      "garmin/push.json": JSON.stringify(push),
      "garmin/ow_push_activities_one.json": "another body under a name that is known",
      "garmin/odd\nname.json": "{",
      "zwift/page.json": JSON.stringify([{ ...run, type: "Run" }]),
      "polar/nothing.bin": new Uint8Array([0, 1, 2, 255]),
    };
    for (const [name, body] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), body);
    }
    await mkdir(join(dir, "empty"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const runOn = (path: string): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      const main = join(import.meta.dirname, "main.ts");
      execFile(process.execPath, [main, "--providers", path], (error, out) => {
        resolve({ code: error === null ? 0 : Number(error.code), out });
      });
    });

  it("prints a line for every file, counts and a result, and expects nothing of others' files", async () => {
    const { code, out } = await runOn(dir);
    expect(code, out).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(out).toMatch(/garmin\/push\.json +accepted +running 2026-11-14T07:00:00Z \+01:00/);
    expect(out).toMatch(/zwift\/page\.json +refused +no-provider: no provider `zwift` yet/);
    expect(out).toMatch(/garmin\/odd\?name\.json/);
    expect(lines.at(-1)).toBe(
      'RESULT {"files":5,"accepted":1,"ignored":3,"refused":1,"workouts":1,"expected":0,"met":0,"threw":0}',
    );
  });

  it("prints all of it into a pipe that is read slowly", async () => {
    const many = await mkdtemp(join(tmpdir(), "singlet-many-"));
    const name = "a-name-that-makes-a-line-as-long-as-they-are".repeat(4);
    const files = Array.from({ length: 1000 }, (_, i) => join(many, `${name}-${i}.json`));
    await Promise.all(files.map((file) => writeFile(file, "{}")));
    const main = join(import.meta.dirname, "main.ts");
    const child = spawn(process.execPath, [main, "--providers", many]);
    let out = "";
    for await (const piece of child.stdout) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      out += piece;
    }
    await rm(many, { recursive: true });
    expect(out.trimEnd().split("\n").at(-1)).toMatch(/^RESULT \{"files":1000,/);
  });

  it("exits with 2 when there is nothing to judge", async () => {
    for (const path of [join(dir, "empty"), join(dir, "nowhere")])
      expect(await runOn(path)).toMatchObject({ code: 2, out: "" });
  });
});

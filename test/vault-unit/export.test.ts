/** Exports: staged once however often it is asked, complete, and gone with what they hold. */
import { describe, expect, it } from "vitest";
import { exportFormats, exportKeptMs, exportsAliveMax } from "../../domain/export-ports.ts";
import { breakGlass } from "../../workers/vault/break-glass.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import {
  beginExport,
  dropExport,
  exportStatus,
  exportsOf,
  pruneExports,
} from "../../workers/vault/export.ts";
import { exportFile } from "../../workers/vault/export-read.ts";
import { stageExport } from "../../workers/vault/export-stage.ts";
import { parkItems } from "../../workers/vault/parked-store.ts";
import { rotateEpoch } from "../../workers/vault/rotation.ts";
import { sweepOrphans } from "../../workers/vault/sealed-object.ts";
import {
  about,
  beats,
  contentOf,
  exported,
  garmin,
  linesOf,
  mustBe,
  points,
  ride,
  sealRide,
  stageAll,
  stageStep,
} from "./export-home.ts";
import { deedsIn } from "./log-entries.ts";
import { makeWorld } from "./world.ts";

const nowMs = 1_790_000_000_000;
const hourMs = 3_600_000;

async function home(rides = ["a"], samples = 50, shards = 1) {
  const world = makeWorld({ shards });
  const { member, vault } = await world.enrol("ada", nowMs);
  for (const id of rides) await sealRide(vault, member, `f_${id}`, samples);
  const objects = () => world.stores.sealed.list({}).then((listed) => listed.objects.length);
  return { world, member, vault, objects };
}
type Home = Awaited<ReturnType<typeof home>>;
const park = ({ world, member }: Pick<Home, "world" | "member">, body: string) => {
  const item = { member, connection: garmin, provider: "garmin", reason: "no-id", body };
  return parkItems(world.shards, [item], nowMs);
};
const parkedIn = (status: { files: readonly { name: string }[] }) =>
  status.files.map(({ name }) => name).filter((name) => name.startsWith("parked"));
interface Parked {
  readonly body: string | null;
  readonly connection: string;
  readonly provider: string;
  readonly reason: string;
  readonly at: string;
}
const notFound = { refused: "not-found" };

describe("an export", () => {
  it("holds every open and every restricted value, each file as its digest says", async () => {
    const { vault, member } = await home(["a", "b"]);
    const status = await exported(vault, member, [[ride("a")], [ride("b")]], exportFormats, nowMs);
    expect(status.items).toEqual({ workouts: 2 });
    const names = status.files.map(({ name }) => name);
    expect(names).toContain("profile-0001.json");
    for (const kind of ["workouts-#.ndjson", "readings-#.ndjson", "readings-#.parquet"])
      expect(names).toContain(kind.replace("#", "0002"));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) await contentOf(vault, member, status, name, nowMs);
    const readings = await contentOf(vault, member, status, "readings-0001.ndjson", nowMs);
    expect(readings.toString()).toContain("31500100200999999999");
    const by = new Map(linesOf(readings).map((line) => [line.column, line]));
    expect([...by.keys()].sort()).toEqual(
      ["heart_rate", "notes", "raw_activity", "source_id", "title", "track"].sort(),
    );
    expect(by.get("heart_rate").samples.map((s: { bpm: number }) => s.bpm)).toEqual(
      beats(50).map(({ bpm }) => bpm),
    );
    expect(by.get("track")).toMatchObject({ workout: "a", record: "f_a", from: 0 });
    expect(by.get("title").value).toBe("Ride <f_a> & home");
    const gpx = (await contentOf(vault, member, status, "tracks-0001.gpx", nowMs)).toString();
    expect(gpx).toContain("<name>Ride &lt;f_a&gt; &amp; home</name>");
    expect(gpx.match(/<trkpt /g)).toHaveLength(50);
  });

  it("cuts what is long into steps, and nothing is lost or said twice between them", async () => {
    const samples = 50_000;
    const { vault, member } = await home(["a"], samples);
    const status = await exported(vault, member, [[ride("a")]], ["ndjson"], nowMs);
    const names = status.files.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("workouts"))).toEqual(["workouts-0001.ndjson"]);
    const readings = names.filter((name) => name.startsWith("readings"));
    expect(readings.length).toBeGreaterThan(1);
    const said: { t: string; lat: number }[] = [];
    for (const name of readings) {
      const all = linesOf(await contentOf(vault, member, status, name, nowMs));
      for (const line of all.filter(({ column }) => column === "track")) {
        expect(line.from).toBe(said.length);
        said.push(...line.samples);
      }
    }
    expect(said.length).toBe(samples);
    expect(said.map(({ t }) => Date.parse(t))).toEqual(points(samples).map(({ t }) => t));
  });

  it("opens only what its formats are made of, and says which in the log, once", async () => {
    const { world, vault, member } = await home();
    const status = await exported(vault, member, [[ride("a")]], ["gpx"], nowMs);
    expect(status.files.map(({ name }) => name)).toEqual(["profile-0001.json", "tracks-0001.gpx"]);
    const [deed, ...more] = deedsIn(world).filter((one) => one.deed === "export");
    expect(more).toEqual([]);
    expect(deed).toMatchObject({ columns: ["track", "title"], outcome: "permitted", rows: 2 });
    await contentOf(vault, member, status, "tracks-0001.gpx", nowMs);
    mustBe(await dropExport(vault, member, status.id, nowMs));
    const deeds = deedsIn(world).map((one) => one.deed);
    expect(deeds.filter((name) => /export/.test(name))).toEqual([
      "export",
      "read-export",
      "drop-export",
    ]);
  });

  it("has a profile of what edge and vault know, broken glass with its reason", async () => {
    const { vault, member } = await home();
    const operator = { id: "o_1", member: null, roles: ["operator"] as const };
    mustBe(await breakGlass(vault, operator, member, "they called and could not see it", nowMs));
    const begun = mustBe(await beginExport(vault, member, ["gpx"], nowMs));
    const claims = { ...about, member: "m_other", consents: "the edge's word" };
    const page = { step: 0, next: null, stream: "workouts", items: [], about: claims };
    const status = mustBe(await stageExport(vault, member, begun.id, page, nowMs));
    const profile = await contentOf(vault, member, status, "profile-0001.json", nowMs);
    expect(JSON.parse(profile.toString())).toMatchObject({
      ...{ ...about, member, consents: [] },
      breakGlass: [{ operator: "o_1", atMs: nowMs, reason: "they called and could not see it" }],
    });
  });

  it("has what was parked of its member, opened, each once, and of nobody else", async () => {
    const { world, vault, member } = await home(["a", "b"]);
    const { member: other } = await world.enrol("ben", nowMs);
    await park({ world, member: other }, "another's");
    const large = (n: number) => `${n}${"x".repeat(700_000)}`;
    const bodies = [...[1, 2, 3].map(large), ...Array.from({ length: 450 }, (_, n) => `s ${n}`)];
    for (const body of bodies) await park({ world, member }, body);
    const status = await exported(vault, member, [[ride("a")], [ride("b")]], ["ndjson"], nowMs);
    expect(status.items).toEqual({ workouts: 2 });
    const said: Parked[] = [];
    for (const name of parkedIn(status)) {
      const content = await contentOf(vault, member, status, name, nowMs);
      expect(content.length).toBeLessThan(2 * 1_048_576);
      said.push(...linesOf(content));
    }
    expect(parkedIn(status).length).toBeGreaterThan(2);
    expect(said.map(({ body }) => body).sort()).toEqual([...bodies].sort());
    const of = { connection: garmin, provider: "garmin", reason: "no-id" };
    for (const { at, body, ...rest } of said)
      expect([Date.parse(at), typeof body, rest]).toEqual([nowMs, "string", of]);
    const opened = deedsIn(world).find((one) => one.deed === "export");
    expect(opened?.columns).toContain("parked");
    expect(opened?.rows).toBeGreaterThanOrEqual(bodies.length);
    expect(parkedIn(await exported(vault, member, [], ["gpx", "fhir"], nowMs))).toEqual([]);
  });

  it("says of a parked item that opens no more that it was there, and goes on", async () => {
    const { world, vault, member } = await home();
    for (const body of ["one", "two"]) await park({ world, member }, body);
    await vault.phi
      .prepare("UPDATE parked SET body = x'00' WHERE id = (SELECT min(id) FROM parked)")
      .run();
    const status = await exported(vault, member, [[ride("a")]], ["ndjson"], nowMs);
    const content = await contentOf(vault, member, status, "parked-0001.ndjson", nowMs);
    expect(linesOf(content).filter(({ body }) => body === null)).toHaveLength(1);
    expect(linesOf(content)).toHaveLength(2);
    expect(status.items).toEqual({ workouts: 1 });
  });

  it("is nobody else's, and of a member without anything holds their profile", async () => {
    const { world, vault, member } = await home();
    const status = await exported(vault, member, [[ride("a")]], exportFormats, nowMs);
    const { member: other } = await world.enrol("ben", nowMs);
    const file = ["profile-0001.json", 0, 10, nowMs] as const;
    expect(await exportStatus(vault, other, status.id, nowMs)).toEqual(notFound);
    expect(await exportFile(vault, other, status.id, ...file)).toEqual(notFound);
    expect(await dropExport(vault, other, status.id, nowMs)).toEqual(notFound);
    const page = { step: 0, next: null, stream: "workouts", items: [], about: null };
    expect(await stageExport(vault, other, status.id, page, nowMs)).toEqual(notFound);
    expect(mustBe(await exportsOf(vault, other, nowMs)).items).toEqual([]);
    const empty = await exported(vault, other, [], exportFormats, nowMs);
    expect(empty.files.map(({ name }) => name)).toEqual(["profile-0001.json"]);
  });

  it("is refused beyond as many as may be alive, and allowed again once one is gone", async () => {
    const { vault, member } = await home();
    const begin = () => beginExport(vault, member, ["gpx"], nowMs);
    const begun = [];
    for (let n = 0; n < exportsAliveMax; n++) begun.push(mustBe(await begin()));
    expect(await begin()).toEqual({ refused: "too-many" });
    mustBe(await dropExport(vault, member, begun[0]?.id ?? "", nowMs));
    mustBe(await begin());
    expect(await beginExport(vault, member, [], nowMs)).toEqual({ refused: "invalid" });
  });
});

describe("staging", () => {
  it("takes a step once: said again, or at the same time, it changes nothing", async () => {
    const { world, vault, member, objects } = await home(["a", "b"], 2_000);
    await park({ world, member }, "unread");
    const pages = [[ride("a")], [ride("b")]];
    const before = await objects();
    const begun = mustBe(await beginExport(vault, member, exportFormats, nowMs));
    const steps = await Promise.all(
      [1, 2, 3].map(() => stageStep(vault, member, begun, pages, nowMs)),
    );
    const [first] = steps.map((step) => mustBe(step));
    if (first === undefined) throw new Error("no step");
    expect(steps.every((step) => mustBe(step).step === 1)).toBe(true);
    const kept = await objects();
    expect(kept).toBe(before + first.files.length);
    expect(mustBe(await stageStep(vault, member, begun, pages, nowMs))).toEqual(first);
    expect(await objects()).toBe(kept);
    const status = await stageAll(vault, member, first, pages, nowMs);
    expect(status.files.slice(0, first.files.length)).toEqual(first.files);
    expect([parkedIn(status), status.items.workouts]).toEqual([["parked-0001.ndjson"], 2]);
    expect(mustBe(await stageStep(vault, member, status, pages, nowMs))).toEqual(status);
  });

  it("goes on after a crash anywhere, and leaves no object that nothing points at", async () => {
    const samples = 200;
    const whole = await home(["a"], samples);
    const plain = await exported(whole.vault, whole.member, [[ride("a")]], exportFormats, nowMs);
    const expected = plain.files.map(({ name, bytes }) => [name, bytes]);
    let left = Number.POSITIVE_INFINITY;
    const gate = async () => {
      if (--left < 0) throw new Error("it crashed");
    };
    let crashes = 0;
    for (let calls = 0; ; calls += 3) {
      left = Number.POSITIVE_INFINITY;
      const world = makeWorld({ shards: 1, gate });
      const { member, vault } = await world.enrol("ada", nowMs);
      await sealRide(vault, member, "f_a", samples);
      const sealedBefore = (await world.stores.sealed.list({})).objects.length;
      const begun = mustBe(await beginExport(vault, member, exportFormats, nowMs));
      left = calls;
      const done = await stageStep(vault, member, begun, [[ride("a")]], nowMs).catch(() => null);
      left = Number.POSITIVE_INFINITY;
      const now = mustBe(await exportStatus(vault, member, begun.id, nowMs));
      const status = mustBe(await stageStep(vault, member, now, [[ride("a")]], nowMs));
      expect(status.state).toBe("ready");
      expect(status.files.map(({ name, bytes }) => [name, bytes])).toEqual(expected);
      for (const { name } of status.files) await contentOf(vault, member, status, name, nowMs);
      await sweepOrphans(vault, nowMs + 2 * hourMs);
      const objects = (await world.stores.sealed.list({})).objects.length;
      expect(objects).toBe(sealedBefore + status.files.length);
      const closed = deedsIn(world).filter((one) => one.deed === "export");
      expect(closed).toMatchObject([{ outcome: "permitted" }]);
      if (done !== null) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(5);
  });
});

describe("an export is gone", () => {
  it("a week after it was asked for, to everybody; the hourly run destroys its files", async () => {
    const { vault, member, objects } = await home();
    const before = await objects();
    const status = await exported(vault, member, [[ride("a")]], exportFormats, nowMs);
    const overMs = nowMs + exportKeptMs;
    mustBe(await exportStatus(vault, member, status.id, overMs - 1));
    expect(await pruneExports(vault, overMs - 1)).toBe(0);
    expect(await exportStatus(vault, member, status.id, overMs)).toEqual(notFound);
    expect(await exportFile(vault, member, status.id, "tracks-0001.gpx", 0, 9, overMs)).toEqual(
      notFound,
    );
    expect(await pruneExports(vault, overMs)).toBe(1);
    expect(await objects()).toBe(before);
    expect(await pruneExports(vault, overMs)).toBe(0);
  });

  it("once anything of its member is erased, with its key: it may hold a copy of that", async () => {
    for (const scope of [
      { kind: "rows", rows: ["f_a"] },
      { kind: "connection", connection: "c_garmin" },
    ] as const) {
      const { vault, member, objects } = await home(["a", "b"]);
      const before = await objects();
      const pages = [[ride("a"), ride("b")]];
      const status = await exported(vault, member, pages, exportFormats, nowMs);
      await eraseScope(vault, member, scope as Parameters<typeof eraseScope>[2], nowMs);
      expect(await exportStatus(vault, member, status.id, nowMs)).toEqual(notFound);
      expect(await objects()).toBeLessThanOrEqual(before + 1);
      const keys = await vault.keyring.database
        .prepare("SELECT count(*) AS n FROM data_key WHERE connection = 'export'")
        .first<number>("n");
      expect(keys).toBe(0);
      const again = await exported(vault, member, pages, ["ndjson"], nowMs);
      const readings = again.files.find(({ name }) => name.startsWith("readings"));
      const text =
        readings === undefined
          ? ""
          : (await contentOf(vault, member, again, readings.name, nowMs)).toString();
      expect(text).not.toContain('"f_a"');
      expect(text.includes('"f_b"')).toBe(scope.kind === "rows");
    }
  });

  it("with its member", async () => {
    const { vault, member, objects } = await home();
    const status = await exported(vault, member, [[ride("a")]], exportFormats, nowMs);
    await eraseScope(vault, member, { kind: "member" }, nowMs);
    expect(await exportStatus(vault, member, status.id, nowMs)).toEqual({
      refused: "unauthenticated",
    });
    expect(await objects()).toBe(0);
    for (const table of ["export", "export_file"])
      expect(await vault.phi.prepare(`SELECT count(*) AS n FROM ${table}`).first("n")).toBe(0);
  });

  it("while something is being erased: nothing of it is read, and no step of it is taken", async () => {
    const { vault, member } = await home(["a", "b"]);
    const pages = [[ride("a")], [ride("b")]];
    const begun = mustBe(await beginExport(vault, member, exportFormats, nowMs));
    const first = mustBe(await stageStep(vault, member, begun, pages, nowMs));
    await vault.phi.prepare("UPDATE member SET lease = 'somebody', lease_until = 0").run();
    const busy = { refused: "busy" };
    expect(await stageStep(vault, member, first, pages, nowMs)).toEqual(busy);
    expect(await exportStatus(vault, member, begun.id, nowMs)).toEqual(busy);
    expect(await beginExport(vault, member, ["gpx"], nowMs)).toEqual(busy);
    const name = "tracks-0001.gpx";
    expect(await exportFile(vault, member, begun.id, name, 0, 10, nowMs)).toEqual(busy);
  });
});

describe("what is kept of an export", () => {
  it("opens after the keys above it were renewed", async () => {
    const { world, vault, member } = await home(["a"], 50, 2);
    const status = await exported(vault, member, [[ride("a")]], exportFormats, nowMs);
    for (let n = 0; n < 20; n++)
      if ((await rotateEpoch(world.shards, nowMs + hourMs, 1_000)).done) break;
    const later = world.restarted().all[vault.shard];
    if (later === undefined) throw new Error("no shard");
    await contentOf(later, member, status, "readings-0001.ndjson", nowMs);
  });

  it("is ciphertext: no row or object has a name, a digest or a reading in the clear", async () => {
    const { world, vault, member } = await home();
    const status = await exported(vault, member, [[ride("a")]], exportFormats, nowMs);
    const rows = await vault.phi.prepare("SELECT hex(state) AS hex FROM export").all();
    const stored = [JSON.stringify(rows.results)];
    for (const { key } of (await world.stores.sealed.list({})).objects) {
      const object = await world.stores.sealed.get(key);
      stored.push(Buffer.from((await object?.arrayBuffer()) ?? []).toString("latin1"));
    }
    for (const said of [status.files[0]?.sha256 ?? "", "<trkpt", "heart_rate", "resourceType"])
      for (const text of stored) expect(text).not.toContain(said);
  });
});

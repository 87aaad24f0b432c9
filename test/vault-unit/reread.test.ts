import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import {
  isRefusal,
  type OpenFact,
  type OpenStatement,
  type RereadAnswer,
  rereadFactsMax,
} from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { shape } from "../../kernel/accept.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { record } from "../../kernel/record.ts";
import { garmin } from "../../providers/garmin.ts";
import { providerNamed } from "../../providers/index.ts";
import { type Draft, isRetractedDraft, type Provider } from "../../providers/provider.ts";
import type { Vault } from "../../workers/vault/env.ts";
import type { Actor } from "../../workers/vault/principal.ts";
import { reread } from "../../workers/vault/reread.ts";
import { openColumn } from "../../workers/vault/sealed-read.ts";
import { retractRows, sealRows } from "../../workers/vault/sealed-store.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { MemoryStore } from "../kernel/memory-store.ts";
import { deedsOf, type LoggedDeed } from "./log-entries.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 10, 21);
const connection = connectionNamed("garmin");
const digest = hmacDigest(btoa("a key of thirty-two bytes, no less"));
const operator: Actor = { id: "m_op", member: "m_op" as MemberId, roles: ["operator"] };
const ride: Ride = {
  account: "account",
  id: "7100",
  startMs: Date.UTC(2026, 9, 14, 7),
  elapsedSeconds: 600,
  distanceM: 15_000,
};

/** Garmin as its file would be once it learned what a draft really says. */
const learned = (learn: (draft: Draft) => Draft, edition = 2): Provider => ({
  ...garmin,
  edition,
  normalise: (kind, item, receivedMs) => {
    const read = garmin.normalise(kind, item, receivedMs);
    return read.ok ? { ok: true, value: learn(read.value) } : read;
  },
});
const withFields =
  (more: Readonly<Record<string, unknown>>) =>
  (draft: Draft): Draft =>
    isRetractedDraft(draft) ? draft : { ...draft, fields: { ...draft.fields, ...more } };
const climbs = learned(withFields({ elevationGainMm: 131_000, title: "Read better" }));

let world: World;
let member: MemberId;
let vault: Vault;
let store: MemoryStore;

beforeEach(async () => {
  world = makeWorld();
  ({ member, vault } = await world.enrol("ada", nowMs));
  store = new MemoryStore();
});

/** What a delivery of one item does: its parts are sealed, its open statement is recorded. */
async function deliver(kind: string, item: unknown, revision: number): Promise<OpenFact> {
  const read = garmin.normalise(kind, item, nowMs);
  if (!read.ok) throw new Error(read.error);
  const origin = { member, connection, provider: "garmin", account: "hash" };
  const numbered = { number: async () => [revision] };
  const [shaped] = await shape(digest, () => numbered, workouts, origin, [read.value]);
  if (shaped?.kind !== "fact") throw new Error("unreadable");
  await sealRows(vault, member, connection, [shaped.row], nowMs);
  put(shaped.statement);
  return shaped.statement as OpenFact;
}
const put = (...statements: OpenStatement[]) => record(store, workouts, noSettings, statements);
const summary = () => deliver("activities", garminActivity(ride), 1);

async function again(
  provider: Provider | undefined,
  held: readonly OpenFact[],
  dryRun = false,
): Promise<RereadAnswer> {
  const rereading = { digest, nowMs: () => nowMs, providerOf: () => provider };
  const answer = await reread(world.shards, operator, { member, held, dryRun }, rereading);
  if (isRefusal(answer)) throw new Error(answer.refused);
  put(...answer.statements);
  return answer;
}
async function sealed(column: string, row: string): Promise<unknown> {
  const texts = await openColumn(vault, member, column, [row], nowMs);
  if (typeof texts === "string") throw new Error(texts);
  const text = texts.get(row);
  return text === undefined ? undefined : JSON.parse(text);
}
const rowsNow = async () =>
  JSON.stringify(
    (await vault.phi.prepare("SELECT * FROM sealed ORDER BY row_id, group_name").all()).results,
  );
const rereads = async (): Promise<LoggedDeed[]> =>
  (await deedsOf(world, vault, member, nowMs)).filter(({ deed }) => deed === "reread");

describe("reading again what was read as well before", () => {
  test("finds every fact the same, of summaries and of details, and changes nothing", async () => {
    const first = await summary();
    const second = await deliver("activityDetails", garminDetails(ride), 2);
    expect(second.id).toBe(first.id);
    const before = await rowsNow();
    for (const edition of [1, 2]) {
      const { facts, statements } = await again({ ...garmin, edition }, [second]);
      const same = { id: first.id, outcome: "same", fields: {}, columns: [], reason: null };
      expect(facts).toEqual([same]);
      expect(statements).toEqual([]);
    }
    expect(await rowsNow()).toBe(before);
  });
});

describe("a dry run", () => {
  test("says the difference, changes nothing, and stands in the log", async () => {
    const held = await summary();
    const before = await rowsNow();
    const { facts, statements } = await again(climbs, [held], true);
    expect(facts).toEqual([
      {
        id: held.id,
        outcome: "changed",
        fields: { elevationGainMm: [held.elevationGainMm ?? null, 131_000] },
        columns: ["title"],
        reason: null,
      },
    ]);
    expect(statements).toEqual([]);
    expect(await rowsNow()).toBe(before);
    expect(await rereads()).toMatchObject([
      { actor: "m_op", columns: ["raw"], purpose: "dry-run", outcome: "permitted", rows: 1 },
    ]);
  });
});

describe("applied", () => {
  test("it makes a new edition of the same revision, once", async () => {
    const held = await summary();
    const raw = await sealed("raw_summary", held.id);
    const { statements } = await again(climbs, [held]);
    const now = { ...held, elevationGainMm: 131_000, edition: 2 };
    expect(statements).toEqual([now]);
    expect(await sealed("title", held.id)).toBe("Read better");
    expect(await sealed("raw_summary", held.id)).toEqual(raw);
    const after = await rowsNow();
    const [said] = (await again(climbs, [now])).facts;
    expect(said?.outcome).toBe("same");
    expect(await rowsNow()).toBe(after);
    expect((await rereads()).map(({ purpose }) => purpose)).toEqual(["apply", "apply"]);
  });

  test("and stopped before the ledger knew, it says the same statement again", async () => {
    const held = await summary();
    const first = await again(climbs, [held]);
    const second = await again(climbs, [held]);
    expect(second.statements).toEqual(first.statements);
    expect(second.facts[0]).toMatchObject({ outcome: "changed", columns: [] });
  });

  test("it changes nothing when the edition is no newer, and says so", async () => {
    const held = await summary();
    const before = await rowsNow();
    const sameEdition = learned(withFields({ elevationGainMm: 131_000, title: "x" }), 1);
    const { facts, statements } = await again(sameEdition, [held]);
    expect(facts).toMatchObject([{ outcome: "same-edition", columns: ["title"] }]);
    expect(Object.keys(facts[0]?.fields ?? {})).toEqual(["elevationGainMm"]);
    expect(statements).toEqual([]);
    expect(await rowsNow()).toBe(before);
  });

  test.each([
    ["connection", "INSERT INTO ended_connection (member, connection, at) VALUES (?1, ?2, 1)"],
    ["member", "UPDATE member SET erased_at = 1 WHERE id = ?1 AND ?2 <> ''"],
  ])("what is erased by %s meanwhile gains nothing by it", async (_, erasing) => {
    const held = await summary();
    const before = await rowsNow();
    const providerOf = () => {
      void vault.phi.prepare(erasing).bind(member, connection).run();
      return climbs;
    };
    const rereading = { digest, nowMs: () => nowMs, providerOf };
    const asked = { member, held: [held], dryRun: false };
    const answer = await reread(world.shards, operator, asked, rereading);
    const gone = { id: held.id, outcome: "no-raw", fields: {}, columns: [], reason: "forgotten" };
    expect(answer).toEqual({ facts: [gone], statements: [] });
    expect(await rowsNow()).toBe(before);
  });

  test("it goes by nobody who was erased before", async () => {
    const held = await summary();
    await vault.phi.prepare("UPDATE member SET erased_at = 1 WHERE id = ?").bind(member).run();
    const rereading = { digest, nowMs: () => nowMs, providerOf: () => climbs };
    const asked = { member, held: [held], dryRun: false };
    expect(await reread(world.shards, operator, asked, rereading)).toEqual({
      refused: "not-found",
    });
  });

  test("each slice speaks at its own revision: an older one takes nothing from a newer", async () => {
    await deliver("activityDetails", garminDetails(ride), 1);
    const renamed = { ...garminActivity(ride), activityName: "Renamed", distanceInMeters: 16_000 };
    const held = await deliver("activities", renamed, 2);
    const reads = learned((draft) =>
      isRetractedDraft(draft) || draft.raw.column !== "raw_details"
        ? draft
        : withFields({ title: "Of the details", heartRate: null, distanceMm: 1 })(draft),
    );
    const { facts, statements } = await again(reads, [held]);
    expect(facts).toMatchObject([{ outcome: "changed", fields: {}, columns: ["heart_rate"] }]);
    expect(statements).toEqual([]);
    expect(await sealed("title", held.id)).toBe("Renamed");
    expect(await sealed("heart_rate", held.id)).toBeUndefined();
  });

  test("whatever the order, a later revision and a retraction win over any edition", async () => {
    const held = await summary();
    const corrected = { ...garminActivity(ride), activityName: "Corrected" };
    const retraction = { id: held.id, revision: 3, retracted: true } as const;
    const acts = {
      correct: () => deliver("activities", corrected, 2).then(() => undefined),
      retract: async () => {
        put(retraction);
        await retractRows(vault, member, [retraction], nowMs);
      },
      reread: () => again(climbs, [held]).then(() => undefined),
    };
    const orders = fc.shuffledSubarray(["correct", "reread", "retract", "reread"] as const, {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        world = makeWorld();
        ({ member, vault } = await world.enrol("ada", nowMs));
        store = new MemoryStore();
        await summary();
        for (const act of order) await acts[act]();
        const title = await sealed("title", held.id);
        const known = store.held(held.id);
        if (order.includes("retract")) {
          expect(known?.fact).toBeNull();
          expect(title).toBeUndefined();
        } else if (order.includes("correct")) {
          expect(known).toMatchObject({ revision: 2 });
          expect(known?.fact?.edition).toBeUndefined();
          expect(title).toBe("Corrected");
        } else {
          expect(known).toMatchObject({ revision: 1, fact: { edition: 2 } });
          expect(title).toBe("Read better");
        }
      }),
      { numRuns: 24 },
    );
  });
});

describe("what cannot be read again", () => {
  const identity = "another-identity";
  const refusing: Provider = {
    ...climbs,
    normalise: () => ({ ok: false, error: "no-longer" }),
  };
  const retracting = learned(({ sourceId }) => ({ sourceId, revision: 9, retracted: true }));
  const renaming = learned((draft) => ({ ...draft, sourceId: "another" }));
  const impossible = learned(withFields({ elapsedMs: -1 }));
  const stale = (held: OpenFact) => ({ ...held, revision: 9 });
  const elsewhere = (held: OpenFact) => ({ ...held, id: "f_none" as OpenFact["id"] });

  test.each<[string, (held: OpenFact) => [Provider | undefined, OpenFact], string, string]>([
    ["by a normaliser that refuses it", (f) => [refusing, f], "unreadable", "no-longer"],
    ["of a provider that is none", (f) => [undefined, f], "unreadable", "unknown-provider"],
    ["that is now a retraction", (f) => [retracting, f], "unreadable", "retracts"],
    ["that is another record now", (f) => [renaming, f], "unreadable", "another-identity"],
    ["out of what can be", (f) => [impossible, f], "unreadable", "out-of-range"],
    ["at a revision that it has left", (f) => [climbs, stale(f)], "unreadable", "another-revision"],
    ["of another member", (f) => [climbs, { ...f, member: "m_b" }], "unreadable", identity],
    ["whose file is not kept", (f) => [providerNamed("files"), f], "no-raw", "not-kept"],
    ["of which nothing is sealed", (f) => [climbs, elsewhere(f)], "no-raw", "not-there"],
  ])("%s stays as it is, with the reason", async (_, of, outcome, reason) => {
    const [provider, held] = of(await summary());
    const before = await rowsNow();
    const { facts, statements } = await again(provider, [held]);
    expect(facts).toEqual([{ id: held.id, outcome, fields: {}, columns: [], reason }]);
    expect(statements).toEqual([]);
    expect(await rowsNow()).toBe(before);
  });

  test("and does not open, nor parse, is left with the reason", async () => {
    const held = await summary();
    const row = { row: held.id, revision: 1, columns: { raw_summary: "{ no json" } };
    await sealRows(vault, member, connection, [row], nowMs);
    expect((await again(climbs, [held])).facts).toMatchObject([{ reason: "not-json" }]);
    await vault.phi.prepare("UPDATE sealed SET body = x'00' WHERE group_name = 'words'").run();
    expect((await again(climbs, [held])).facts).toMatchObject([{ reason: "not-openable" }]);
  });

  test("one of several does not keep the others from it", async () => {
    const held = await summary();
    const other = { ...held, id: "f_none" as OpenFact["id"] };
    const { facts } = await again(climbs, [other, held]);
    expect(facts.map(({ outcome }) => outcome)).toEqual(["no-raw", "changed"]);
  });

  test("more than a call takes, and nobody's, are refused and nothing is read", async () => {
    const held = await summary();
    const rereading = { digest, nowMs: () => nowMs, providerOf: () => climbs };
    const many = Array.from({ length: rereadFactsMax + 1 }, () => held);
    const ask = (of: MemberId, facts: readonly OpenFact[]) =>
      reread(world.shards, operator, { member: of, held: facts, dryRun: true }, rereading);
    expect(await ask(member, many)).toEqual({ refused: "invalid" });
    expect(await ask("m_nobody" as MemberId, [held])).toEqual({ refused: "not-found" });
    expect(await rereads()).toEqual([]);
  });
});

describe("what is larger than can be opened at once", () => {
  const padded = (id: string, characters: number) => ({
    ...garminActivity({ ...ride, id }),
    pad: "x".repeat(characters),
  });

  test("is read in smaller parts", async () => {
    const held = [];
    for (const id of ["1", "2", "3"])
      held.push(await deliver("activities", padded(id, 6_500_000), 1));
    const { facts } = await again(climbs, held, true);
    expect(facts.map(({ id }) => id)).toEqual(held.map(({ id }) => id));
    expect(facts.map(({ outcome }) => outcome)).toEqual(["changed", "changed", "changed"]);
  });

  test("and is one record, is left as it is", async () => {
    const pad = "x".repeat(9_000_000);
    await deliver("activityDetails", { ...garminDetails(ride), pad }, 1);
    const held = await deliver("activities", padded(ride.id, 9_000_000), 2);
    const { facts } = await again(climbs, [held], true);
    expect(facts).toMatchObject([{ outcome: "unreadable", reason: "too-large" }]);
  });
});

test("what is answered holds no restricted value, not even of a column that differs", async () => {
  const held = await deliver("activityDetails", garminDetails(ride), 1);
  const marker = "A WORD THAT NOBODY ELSE SAYS";
  const answer = await again(learned(withFields({ title: marker, notes: marker })), [held]);
  expect(answer.facts[0]?.columns).toEqual(["notes", "title"]);
  expect(JSON.stringify(answer)).not.toContain(marker);
});

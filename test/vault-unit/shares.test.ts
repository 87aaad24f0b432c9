/**
 * Links for somebody without an account: they show what was chosen and nothing else, for as long as
 * was said, until they are taken back; every opening stands in the member's log; nobody guesses one.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { isRefusal, type ShareDraft, shareDaysMax } from "../../domain/ports.ts";
import type { Aggregate, DayAggregates } from "../../domain/samples/aggregate.ts";
import { sharesLivingMax } from "../../domain/samples/share-bounds.ts";
import { addDays, msPerDay } from "../../domain/time.ts";
import type { Bytes } from "../../workers/vault/chunked.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import {
  makeShare,
  pruneShareCodes,
  pruneShares,
  revokeShare,
  sharesOf,
} from "../../workers/vault/shares.ts";
import { hashOfCode, newCode, readCode } from "../../workers/vault/shares-code.ts";
import { Guesses } from "../../workers/vault/shares-guesses.ts";
import { memberOfShare, openShare, type ReadDays } from "../../workers/vault/shares-open.ts";
import { deedsIn, deedsOf } from "./log-entries.ts";
import { makeWorld, random, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 10, 14);
const today = "2026-11-14";
const recipient = "Praxis Doktor Quastenflosser";
const zones = [{ zone: "Europe/Amsterdam", fromMs: 0 }];

let world: World;
let vault: Vault;
let member: MemberId;
let atMs: number;
let guesses: Guesses;
/** What the days were asked for. */
let reads: Parameters<ReadDays>[2][];
beforeEach(async () => {
  world = makeWorld();
  ({ vault, member } = await world.enrol("ada", nowMs));
  [atMs, guesses, reads] = [nowMs, new Guesses(), []];
});

const aggregate = (value: number): Aggregate => ({
  ...{ value, min: value, max: value, count: 1, weighed: null, atMs: null, stages: null },
  sources: [],
});
const hour = { ...aggregate(50), fromMs: nowMs };
/** More than was asked for: what comes out is what was chosen all the same. */
const wholeYear: ReadDays = async (_, __, asked) => {
  reads.push(asked);
  return Array.from({ length: 60 }, (___, i) => ({
    date: addDays(today, i - 59),
    metrics: { steps: aggregate(i), heart_rate: aggregate(60_000), weight: aggregate(80_000) },
    hours: { steps: [hour] },
  }));
};
const draft = (changes: Partial<ShareDraft> = {}): ShareDraft => ({
  ...{ recipient, metrics: ["weight", "steps"], from: "2026-11-10", to: "2026-11-12" },
  expiresAtMs: nowMs + 7 * msPerDay,
  ...changes,
});
const make = (changes: Partial<ShareDraft> = {}) => makeShare(vault, member, draft(changes), atMs);
async function made(changes: Partial<ShareDraft> = {}) {
  const share = await make(changes);
  if (isRefusal(share)) throw new Error(share.refused);
  return share;
}
const openable = (readDays: ReadDays = wholeYear) => ({
  ...{ shards: world.shards, guesses, readDays },
  now: () => atMs,
});
const open = (code: string, readDays?: ReadDays, from = "somewhere") =>
  openShare(openable(readDays), { code, from }, zones);
const knock = (code: string, from = "somewhere") => memberOfShare(openable(), { code, from });
const refusal = async (answer: Promise<object>) => {
  const said = await answer;
  return isRefusal(said) ? said.refused : "let in";
};
const listed = async () => {
  const page = await sharesOf(vault, member, atMs);
  if (isRefusal(page)) throw new Error(page.refused);
  return page.items;
};
/** Every byte that the vault keeps anywhere, its logs included. */
const everything = (): string =>
  [
    ...[world.stores.directory, ...world.stores.phi, ...world.stores.keys].map(({ raw }) =>
      Buffer.from(raw.serialize()).toString("latin1"),
    ),
    JSON.stringify(deedsIn(world)),
  ].join("\n");

describe("a share", () => {
  it("shows the chosen days and metrics by the member's zones, each day whole and no hour", async () => {
    const { code, ...share } = await made();
    expect(share).toEqual({
      ...{ id: expect.stringMatching(/^[\w-]{22}$/), recipient, metrics: ["steps", "weight"] },
      ...{ from: "2026-11-10", to: "2026-11-12", expiresAtMs: nowMs + 7 * msPerDay },
      ...{ madeAtMs: nowMs, revokedAtMs: null, opened: 0, lastOpenedMs: null },
    });
    expect(await knock(code)).toEqual({ member });
    const day = (date: string, steps: number): DayAggregates => ({
      date,
      metrics: { steps: aggregate(steps), weight: aggregate(80_000) },
    });
    expect(await open(code)).toEqual({
      ...{ recipient, metrics: ["steps", "weight"], from: "2026-11-10", to: "2026-11-12" },
      expiresAtMs: share.expiresAtMs,
      days: [day("2026-11-10", 55), day("2026-11-11", 56), day("2026-11-12", 57)],
    });
    expect(reads).toMatchObject([
      { metrics: ["steps", "weight"], from: "2026-11-10", to: "2026-11-12", zones },
    ]);
  });

  it("says how often it was opened, and when last", async () => {
    const { code, id } = await made();
    await open(code);
    atMs += 5;
    await open(code);
    expect(await listed()).toMatchObject([{ id, opened: 2, lastOpenedMs: nowMs + 5 }]);
  });

  it("is told once: nothing that is kept has its code or for whom it is", async () => {
    const { code } = await made();
    await open(code);
    const kept = everything();
    expect(kept.includes(await hashOfCode(code))).toBe(true);
    expect(kept.includes(member)).toBe(true);
    expect(kept.includes(code)).toBe(false);
    expect(kept.includes(recipient)).toBe(false);
    expect(JSON.stringify(await listed())).not.toContain(code);
  });

  it("has a code of 130 bits, which is understood as people write it", async () => {
    const everyBit = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i) as Bytes;
    expect(newCode(everyBit)).toBe("0123456789ABCDEFGHJKMNPQRS");
    const codes = Array.from({ length: 200 }, () => newCode(random));
    expect(new Set(codes.join("")).size).toBe(32);
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
      const typed = code.toLowerCase().replaceAll("0", "o").replaceAll("1", "l");
      expect(readCode(typed.replace(/(.{6})/g, "$1-"))).toBe(code);
    }
    for (const none of ["", "U".repeat(26), "A".repeat(25), "A".repeat(27), "-".repeat(99)])
      expect(readCode(none)).toBe(null);
    const { code } = await made();
    expect(await refusal(open(` ${code.toLowerCase()} `))).toBe("let in");
  });

  it.each<[string, Partial<ShareDraft>]>([
    ["for nobody", { recipient: "  " }],
    ["for what cannot be shown", { recipient: "Dr\0 Vogel" }],
    ["for half a character", { recipient: "Dr \ud83d" }],
    ["for a book", { recipient: "x".repeat(121) }],
    ["of nothing", { metrics: [] }],
    ["of what there is not", { metrics: ["title" as "steps"] }],
    ["back to front", { from: "2026-11-12", to: "2026-11-11" }],
    ["of no day", { from: "2026-02-30" }],
    ["of more than 400 days", { from: "2025-10-08", to: "2026-11-12" }],
    ["that is over already", { expiresAtMs: nowMs }],
    ["for longer than 30 days", { expiresAtMs: nowMs + 31 * msPerDay }],
    ["for ever", { expiresAtMs: Number.POSITIVE_INFINITY }],
  ])("%s is none, and leaves nothing", async (_, changes) => {
    expect(await make(changes)).toEqual({ refused: "invalid" });
    expect([await listed(), deedsIn(world).length]).toEqual([[], 0]);
  });

  it("never lasts longer than 30 days by the vault's own clock", async () => {
    const longest = nowMs + shareDaysMax * msPerDay;
    expect((await made({ expiresAtMs: longest + 1_000 })).expiresAtMs).toBe(longest);
  });

  it("is refused while twenty live, and nothing of it is left", async () => {
    const shares = [];
    for (let n = 0; n < sharesLivingMax; n++) shares.push(await made());
    expect(await make()).toEqual({ refused: "too-many" });
    const sealed = world.stores.phi[vault.shard]?.raw
      .prepare("SELECT count(*) AS n FROM sealed WHERE row_id LIKE 'share/%'")
      .get();
    expect([sealed?.n, (await listed()).length]).toEqual([20, 20]);
    const [entry] = (await deedsOf(world, vault, member, nowMs)).slice(-1);
    expect(entry).toMatchObject({ deed: "share", outcome: "refused", ground: "too-many-shares" });
    await revokeShare(vault, member, shares[0]?.id ?? "", atMs);
    await made({ expiresAtMs: nowMs + 1 });
    expect(await make()).toEqual({ refused: "too-many" });
    atMs = nowMs + 1;
    expect(await refusal(make())).toBe("let in");
  });
});

describe("every opening", () => {
  const entries = async () =>
    (await deedsOf(world, vault, member, nowMs)).filter(({ deed }) => deed === "open-share");

  it("stands in the member's log, by its share and not by whom it was for", async () => {
    const { code, id } = await made();
    await open(code);
    const said = { action: "view", actor: `share:${id}`, role: "", columns: ["steps", "weight"] };
    const came = { began: "intended", outcome: "permitted", ground: `share:${id}`, rows: 3 };
    expect(await entries()).toMatchObject([{ ...said, ...came, closings: 1 }]);
  });

  it("stands there before anything is read, whatever fails after it", async () => {
    const { code } = await made();
    const fails: ReadDays = async () => {
      expect(await entries()).toMatchObject([{ outcome: "intended" }]);
      throw new Error("down");
    };
    await expect(open(code, fails)).rejects.toThrow("down");
    expect(await open(code, async () => "busy")).toEqual({ refused: "busy" });
    expect((await entries()).map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
    expect(await listed()).toMatchObject([{ opened: 0 }]);
  });

  it("shows nothing where the log takes nothing", async () => {
    const { code } = await made();
    const { logs, ...rest } = vault;
    const full = { ...logs, port: () => ({ append: async () => ({ refused: "too-many" }) }) };
    const all = [...world.shards.all];
    all[vault.shard] = { ...rest, logs: full } as unknown as Vault;
    const shards = { ...world.shards, all };
    const answer = await openShare({ ...openable(), shards }, { code, from: "x" }, zones);
    expect([answer, reads]).toEqual([{ refused: "too-many" }, []]);
  });

  it("that is cut short by a revocation shows nothing, and says so", async () => {
    const { code, id } = await made();
    const slow: ReadDays = async (...asked) => {
      await revokeShare(vault, member, id, atMs);
      return wholeYear(...asked);
    };
    expect(await open(code, slow)).toEqual({ refused: "not-found" });
    expect(await entries()).toMatchObject([{ outcome: "refused", ground: "share-over", rows: 0 }]);
    expect(await listed()).toMatchObject([{ opened: 0 }]);
  });
});

describe("a share that does not hold any more", () => {
  it("opens nothing from the moment on that it is over", async () => {
    const { code } = await made({ expiresAtMs: nowMs + 1_000 });
    atMs = nowMs + 999;
    expect(await refusal(open(code))).toBe("let in");
    atMs = nowMs + 1_000;
    expect([await refusal(open(code)), await refusal(knock(code))]).toEqual([
      "not-found",
      "not-found",
    ]);
    const late: ReadDays = async (...asked) => {
      atMs += 1_000;
      return wholeYear(...asked);
    };
    const { code: other } = await made({ expiresAtMs: atMs + 1_000 });
    expect(await refusal(open(other, late))).toBe("not-found");
  });

  it("opens nothing once it is taken back; taken back again nothing changes", async () => {
    const { code, id } = await made();
    const { code: kept } = await made();
    expect(await revokeShare(vault, member, id, atMs)).toEqual({ revoked: id });
    expect(await revokeShare(vault, member, id, atMs + 9)).toEqual({ revoked: id });
    expect(await refusal(open(code))).toBe("not-found");
    expect(await refusal(knock(code))).toBe("not-found");
    expect(await refusal(open(kept))).toBe("let in");
    expect((await listed()).map(({ revokedAtMs }) => revokedAtMs)).toEqual([null, nowMs]);
    const said = (await deedsOf(world, vault, member, nowMs))
      .filter(({ deed }) => deed === "revoke-share")
      .map(({ action, outcome, ground }) => [action, outcome, ground]);
    expect(said).toEqual([
      ["delete", "permitted", `share:${id}`],
      ["delete", "unchanged", `share:${id}`],
    ]);
  });

  it("stays closed when either database is put back to an older copy", async () => {
    const { code, id } = await made();
    const [directory, phi] = [world.stores.directory, world.stores.phi[vault.shard]];
    const copies = [directory.snapshot(), phi?.snapshot()];
    await revokeShare(vault, member, id, atMs);
    directory.restore(copies[0] as Uint8Array);
    expect(await refusal(open(code))).toBe("not-found");
    await revokeShare(vault, member, id, atMs);
    phi?.restore(copies[1] as Uint8Array);
    expect(await refusal(open(code))).toBe("not-found");
    expect(reads).toEqual([]);
  });

  it("that another member made is none of theirs to take back or to see", async () => {
    const { id, code } = await made();
    const other = await world.enrol("ben", nowMs);
    const taken = await revokeShare(other.vault, other.member, id, atMs);
    expect(taken).toEqual({ refused: "not-found" });
    expect(await sharesOf(other.vault, other.member, atMs)).toEqual({ items: [], next: null });
    expect(await refusal(open(code))).toBe("let in");
  });

  it("of somebody erased opens nothing, and no row of it is left anywhere", async () => {
    const { code } = await made();
    const rows = () =>
      [world.stores.directory, ...world.stores.phi].map(
        ({ raw }) => raw.prepare("SELECT count(*) AS n FROM share").get()?.n,
      );
    expect(rows().reduce((sum: number, n) => sum + Number(n), 0)).toBe(2);
    const during: ReadDays = async (...asked) => {
      await eraseScope(vault, member, { kind: "member" }, atMs);
      return wholeYear(...asked);
    };
    expect(await refusal(open(code, during))).toBe("not-found");
    expect(await refusal(open(code))).toBe("not-found");
    expect(new Set(rows())).toEqual(new Set([0]));
    expect(await make()).toEqual({ refused: "unauthenticated" });
    expect(await sharesOf(vault, member, atMs)).toEqual({ refused: "unauthenticated" });
  });

  it("goes by the hour: its code when it is over, what came of it a month later", async () => {
    await made({ expiresAtMs: nowMs + 1 });
    await made({ expiresAtMs: nowMs + 30 * msPerDay });
    const counts = () =>
      [
        world.stores.directory.raw.prepare("SELECT count(*) AS n FROM share").get()?.n,
        ...["share", "sealed"].map(
          (table) =>
            world.stores.phi[vault.shard]?.raw.prepare(`SELECT count(*) AS n FROM ${table}`).get()
              ?.n,
        ),
      ].map(Number);
    const pruned = async (atMs: number) => [
      await pruneShareCodes(world.shards.directory.database, atMs),
      await pruneShares(vault, atMs),
      counts(),
    ];
    expect(await pruned(nowMs)).toEqual([0, 0, [2, 2, 2]]);
    expect(await pruned(nowMs + 1)).toEqual([1, 0, [1, 2, 2]]);
    const later = nowMs + 30 * msPerDay + 1;
    expect(await pruned(later)).toEqual([1, 1, [0, 1, 1]]);
    atMs = later;
    expect(await listed()).toHaveLength(1);
  });
});

describe("guessing", () => {
  const wrong = (n: number) => String(n).padStart(26, "0");

  it("is not heard after ten in a minute from one place, while others are", async () => {
    const { code } = await made();
    for (let n = 0; n < 10; n++) expect(await refusal(knock(wrong(n)))).toBe("not-found");
    expect(await refusal(knock(wrong(11)))).toBe("too-many");
    expect(await refusal(open(code))).toBe("too-many");
    expect(await refusal(open(code, wholeYear, "elsewhere"))).toBe("let in");
    atMs += 59_999;
    expect(await refusal(open(code))).toBe("too-many");
    atMs += 1;
    expect(await refusal(open(code))).toBe("let in");
  });

  it("of many codes at once is not heard beyond the tenth either", async () => {
    const many = Array.from({ length: 30 }, (_, n) => refusal(knock(wrong(n))));
    const said = await Promise.all(many);
    expect(said.filter((one) => one === "not-found")).toHaveLength(10);
    expect(said.filter((one) => one === "too-many")).toHaveLength(20);
  });

  it("is not heard after a thousand in a minute from everywhere", async () => {
    const { code } = await made();
    for (let n = 0; n < 1_000; n++)
      expect(await refusal(knock("no code", `place ${n}`))).toBe("not-found");
    expect(await refusal(open(code, wholeYear, "one more place"))).toBe("too-many");
    atMs += 60_000;
    expect(await refusal(open(code, wholeYear, "one more place"))).toBe("let in");
  });

  it("costs one look into the directory, and nothing of a shard or the log", async () => {
    await made();
    const asked: string[] = [];
    const spied = makeWorld({ gate: async () => void asked.push("") });
    const at = { ...openable(), shards: spied.shards };
    expect(await openShare(at, { code: wrong(1), from: "x" }, zones)).toEqual({
      refused: "not-found",
    });
    expect(asked).toHaveLength(1);
    expect(await openShare(at, { code: "no code", from: "x" }, zones)).toEqual({
      refused: "not-found",
    });
    expect(asked).toHaveLength(1);
    expect(deedsIn(spied)).toEqual([]);
  });

  it("never counts a right code", async () => {
    const { code } = await made();
    for (let n = 0; n < 15; n++) expect(await refusal(knock(code))).toBe("let in");
  });
});

/** Granting, forbidding and revoking; what stands in the log; who is on a roster. */
import { beforeEach, describe, expect, it } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import {
  type Consent,
  type ConsentDraft,
  type Grantee,
  isRefusal,
  type Role,
} from "../../domain/ports.ts";
import {
  type ConsentRow,
  grantConsent,
  listConsents,
  livingConsents,
  revokeConsent,
  rowToConsent,
} from "../../workers/vault/consents.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { roster } from "../../workers/vault/roster.ts";
import { deedsIn, deedsOf } from "./log-entries.ts";
import { makeWorld, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 9, 14);
const dayMs = 86_400_000;
const coach: Grantee = { kind: "role", id: "coach" };
const draft: ConsentDraft = {
  effect: "permit",
  grantee: { kind: "member", id: "m_carla" },
  columns: ["heart_rate"],
  purpose: "coaching",
  notBeforeMs: null,
  notAfterMs: null,
};

let world: World;
let vault: Vault;
let member: MemberId;
beforeEach(async () => {
  world = makeWorld();
  ({ vault, member } = await world.enrol("ada", nowMs));
});

async function granted(changes: Partial<ConsentDraft> = {}, atMs = nowMs): Promise<Consent> {
  const consent = await grantConsent(vault, member, { ...draft, ...changes }, atMs);
  if ("refused" in consent) throw new Error(consent.refused);
  return consent;
}
const living = async (of: MemberId = member): Promise<Consent[]> =>
  (await livingConsents(vault.phi, of).all<ConsentRow>()).results.map(rowToConsent);
/** Newest first; every one of them an intent that was closed. */
const entries = async () =>
  (await deedsOf(world, vault, member, nowMs)).reverse().map((e) => {
    expect([e.began, e.closings]).toEqual(["intended", 1]);
    return [e.action, e.outcome, e.ground];
  });
const hints = async (grantee: string) => vault.directory.membersFor([grantee], "", 10);

describe("a grant", () => {
  it("is kept as it was said, and stands in the log", async () => {
    const period = { notBeforeMs: nowMs + dayMs, notAfterMs: nowMs + 2 * dayMs };
    const consent = await granted({ effect: "forbid", columns: ["track", "notes"], ...period });
    expect(consent).toEqual({
      ...draft,
      ...period,
      effect: "forbid",
      columns: ["notes", "track"],
      id: expect.stringMatching(/^[\w-]{22}$/),
      version: 1,
      grantedAtMs: nowMs,
      revokedAtMs: null,
    });
    expect(await living()).toEqual([consent]);
    expect(await entries()).toEqual([["edit", "permitted", consent.id]]);
  });

  it("said again is the same one, also when both are said at once", async () => {
    const [one, two] = await Promise.all([granted(), granted({ columns: ["heart_rate"] })]);
    expect(two).toEqual(one);
    expect(await granted({ columns: ["heart_rate", "heart_rate"] })).toEqual(one);
    const outcomes = (await entries()).map(([, outcome, ground]) => [outcome, ground]).sort();
    expect(outcomes).toEqual([
      ["permitted", one.id],
      ["unchanged", one.id],
      ["unchanged", one.id],
    ]);
  });

  it("has a version of its grantee and purpose, which revoking does not give back", async () => {
    const one = await granted();
    await revokeConsent(vault, member, one.id, nowMs);
    const two = await granted();
    const forbid = await granted({ effect: "forbid" });
    const others = await Promise.all([granted({ purpose: "care" }), granted({ grantee: coach })]);
    expect([one, two, forbid, ...others].map((c) => c.version)).toEqual([1, 2, 3, 1, 1]);
    expect(new Set([one, two, forbid, ...others].map((c) => c.id)).size).toBe(5);
    expect((await listConsents(vault, member, nowMs)).find((c) => c.id === one.id)).toEqual({
      ...one,
      revokedAtMs: nowMs,
    });
  });

  it.each<[string, Partial<ConsentDraft>]>([
    ["to oneself", { grantee: { kind: "member", id: "m_ada" } }],
    ["to no id", { grantee: { kind: "member", id: "m ada" } }],
    ["to a role that cannot be granted", { grantee: { kind: "role", id: "operator" } }],
    ["to everybody", { grantee: { kind: "role", id: "member" } }],
    ["to a kind that is none", { grantee: { kind: "world", id: "coach" } as unknown as Grantee }],
    ["of no column", { columns: [] }],
    ["of a column that is the member's own", { columns: ["heart_rate", "raw"] }],
    ["for the purpose of break-glass", { purpose: "emergency" }],
    ["with an effect that is none", { effect: "allow" as "permit" }],
    ["until now", { notAfterMs: nowMs }],
    ["until no number", { notAfterMs: Number.NaN }],
    ["from no whole number", { notBeforeMs: nowMs + 0.5 }],
    ["from its end", { notBeforeMs: nowMs + 5, notAfterMs: nowMs + 5 }],
  ])("%s is refused and leaves no trace", async (_, changes) => {
    const answer = await grantConsent(vault, member, { ...draft, ...changes }, nowMs);
    expect(answer).toEqual({ refused: "forbidden" });
    expect([await living(), await entries()]).toEqual([[], []]);
    expect(await hints("role:coach")).toEqual([]);
  });

  it("of an erased member is refused", async () => {
    world.stores.phi[vault.shard]?.raw.exec("UPDATE member SET erased_at = 1, key_id = NULL");
    const answer = await grantConsent(vault, member, draft, nowMs);
    expect(answer).toEqual({ refused: "forbidden" });
    expect(await living()).toEqual([]);
    expect(deedsIn(world)).toMatchObject([
      { member: "", actor: "", outcome: "refused", closings: 1 },
    ]);
  });

  it("beyond two hundred that live is refused; those that are over do not count", async () => {
    const untilMs = (n: number) => ({ notAfterMs: nowMs + 1 + n });
    for (let n = 0; n < 200; n++) await granted(untilMs(n));
    const answer = await grantConsent(vault, member, draft, nowMs);
    expect(answer).toEqual({ refused: "forbidden" });
    const laterMs = nowMs + dayMs;
    for (let n = 0; n < 199; n++) await granted(untilMs(dayMs + n), laterMs);
    const forbid = await granted({ effect: "forbid" }, laterMs + dayMs);
    for (let n = 0; n < 150; n++) await granted(untilMs(3 * dayMs + n), laterMs + dayMs);
    expect(await living()).toContainEqual(forbid);
    expect((await living()).length).toBe(400);
  });

  it("leaves a hint for the roster before it holds; a forbid leaves none", async () => {
    await granted({ grantee: coach, effect: "forbid" });
    expect(await hints("role:coach")).toEqual([]);
    await granted({ grantee: coach });
    await granted();
    expect([await hints("role:coach"), await hints("member:m_carla")]).toEqual([
      [member],
      [member],
    ]);
  });
});

describe("the list of consents", () => {
  it("begins with those that live, however many came after and are over or revoked", async () => {
    const oldest = await granted();
    const untilMs = (n: number) => ({ notAfterMs: nowMs + 2 + n });
    for (let n = 0; n < 199; n++) await granted(untilMs(n), nowMs + 1);
    const { raw } = world.stores.phi[vault.shard] ?? {};
    raw?.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
      INSERT INTO consent (id, member, version, grantee_kind, grantee, columns, purpose, granted_at,
        not_after, revoked_at)
      SELECT 'old' || i, '${member}', i, 'member', 'm_x', '[]', 'care', ${nowMs} + i,
        iif(i % 2, ${nowMs} + i, NULL), iif(i % 2, NULL, ${nowMs} + i) FROM n`);
    const listed = await listConsents(vault, member, nowMs + dayMs);
    expect(listed[0]).toEqual(oldest);
    expect(listed).toHaveLength(1000);
    expect(listed[1]?.id).toBe("old1100");
  });
});

describe("a revocation", () => {
  it("holds at once and stands in the log; said again, the first one stands", async () => {
    const { id } = await granted();
    expect(await revokeConsent(vault, member, id, nowMs + 1)).toEqual({ revoked: id });
    expect(await living()).toEqual([]);
    expect(await revokeConsent(vault, member, id, nowMs + 2)).toEqual({ revoked: id });
    expect((await listConsents(vault, member, nowMs))[0]?.revokedAtMs).toBe(nowMs + 1);
    expect(await entries()).toEqual([
      ["edit", "unchanged", id],
      ["edit", "permitted", id],
      ["edit", "permitted", id],
    ]);
  });

  it("of what is not there, or is another's, finds nothing", async () => {
    const { id } = await granted();
    const stranger = await world.enrol("ben", nowMs);
    for (const [of, which] of [
      [member, "nothing"],
      [stranger.member, id],
    ] as const)
      expect(await revokeConsent(vault, of, which, nowMs)).toEqual({ refused: "not-found" });
    expect(await living()).toHaveLength(1);
  });
});

describe("a roster", () => {
  const actor = (roles: Role[] = ["coach"]) => ({
    id: "m_carla",
    member: "m_carla" as MemberId,
    roles,
  });
  const page = async (roles?: Role[], cursor: string | null = null, limit = 100, atMs = nowMs) => {
    const answer = await roster(world.shards, actor(roles), cursor, limit, atMs);
    if (isRefusal(answer)) throw new Error(answer.refused);
    return answer;
  };
  const seen = async (roles?: Role[], atMs = nowMs) =>
    (await page(roles, null, 100, atMs)).items.map((item) => [
      item.member,
      ...item.consents.flatMap((consent) => consent.columns),
    ]);
  /** Of another member than ada. */
  async function by(name: string, changes: Partial<ConsentDraft> = {}): Promise<MemberId> {
    const other = await world.enrol(name, nowMs);
    await grantConsent(other.vault, other.member, { ...draft, grantee: coach, ...changes }, nowMs);
    return other.member;
  }

  it("is of those who let a coach read, by role and by name, in every shard", async () => {
    const names = ["b", "c", "d", "e", "f", "g", "h", "i"];
    const members = await Promise.all(names.map((name) => by(name)));
    const shards = await Promise.all(members.map((m) => world.shards.directory.shardOf(m)));
    expect(new Set(shards)).toEqual(new Set([0, 1]));
    await granted({ columns: ["track"] });
    const all = [[member, "track"], ...members.map((m) => [m, "heart_rate"])];
    expect(await seen()).toEqual(all);
    expect(await seen(["member"])).toEqual([[member, "track"]]);
    expect(await seen(["coach", "auditor"])).toEqual([]);
    const walked: string[] = [];
    for (let cursor: string | null = null, n = 0; n < 20; n++) {
      const { items, next } = await page(["coach"], cursor, 2);
      walked.push(...items.map((item) => item.member));
      cursor = next;
      if (next === null) break;
    }
    expect(walked).toEqual(all.map(([m]) => m));
  });

  it("stands in the log each time, with how many it showed, before it is shown", async () => {
    await granted({ grantee: coach });
    await page();
    const seen = deedsIn(world).at(-1);
    const whole = { began: "permitted", outcome: "permitted", closings: 0, rows: 1 };
    expect(seen).toMatchObject({ deed: "see-roster", role: "coach", ...whole });
  });

  it("leaves out what is forbidden, column by column, and what does not hold now", async () => {
    await granted({ columns: ["heart_rate", "track"], grantee: coach });
    await granted({ effect: "forbid", columns: ["track"] });
    const later = await by("later", { notBeforeMs: nowMs + dayMs, notAfterMs: nowMs + 2 * dayMs });
    expect(await seen()).toEqual([[member, "heart_rate"]]);
    expect(await seen(["coach"], nowMs + dayMs)).toContainEqual([later, "heart_rate"]);
    expect(await seen(["coach"], nowMs + 3 * dayMs)).toEqual([[member, "heart_rate"]]);
    const forbid = await granted({ effect: "forbid" });
    expect(await seen()).toEqual([]);
    await revokeConsent(vault, member, forbid.id, nowMs);
    expect(await seen()).toEqual([[member, "heart_rate"]]);
  });

  it("goes on past hints that lead nowhere, a bounded number at a time", async () => {
    for (let n = 0; n < 25; n++) await world.shards.directory.enter("role:coach", `m_a${n}`);
    const zoe = await by("zoe");
    const found: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { items, next }: Awaited<ReturnType<typeof page>> = await page(["coach"], cursor, 1);
      found.push(...items.map((item) => item.member));
      cursor = next;
      pages++;
    } while (cursor !== null && pages < 50);
    expect(found).toEqual([zoe]);
    expect(pages).toBeGreaterThan(1);
  });
});

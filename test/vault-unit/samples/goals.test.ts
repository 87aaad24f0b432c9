/** A member's goals in the vault: sealed, for nobody's eyes but theirs, and gone with them. */
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../../domain/identity.ts";
import type { ConsentDraft } from "../../../domain/ports.ts";
import { grantConsent } from "../../../workers/vault/consents.ts";
import { shardAt } from "../../../workers/vault/env.ts";
import { eraseScope } from "../../../workers/vault/erasure.ts";
import type { Actor } from "../../../workers/vault/principal.ts";
import { rotateEpoch } from "../../../workers/vault/rotation.ts";
import { goalsOf, setGoals } from "../../../workers/vault/sample-settings.ts";
import { isAtRest, opened } from "../erasures.ts";
import { contentOf, exported, mustBe } from "../export-home.ts";
import { deedsIn } from "../log-entries.ts";
import { day, type Home, home, looked, merge, own, phone, rows, steps, watch } from "./home.ts";

const goals = async ({ vault, member, now }: Home) => mustBe(await goalsOf(vault, member, now()));
const set = ({ vault, member, now }: Home, changes: Parameters<typeof setGoals>[2]) =>
  setGoals(vault, member, changes, now());
const withGoals = (at: Home, knownVersion: string | null = null) =>
  looked(at, own(at), { goals: true, knownVersion });

describe("goals", () => {
  test("are none until some are set, and then each by itself", async () => {
    const at = await home();
    expect(await goals(at)).toEqual({});
    expect(await set(at, { steps: 8_000, weight: 72.5 })).toEqual({ steps: 8_000, weight: 72.5 });
    expect(await set(at, { steps: null, sleep: 27_000 })).toEqual({ weight: 72.5, sleep: 27_000 });
    expect(await goals(at)).toEqual({ weight: 72.5, sleep: 27_000 });
  });

  test("set by several at once are all set", async () => {
    const at = await home();
    await Promise.all([
      ...[{ steps: 8_000 }, { weight: 72 }, { sleep: 27_000 }, { distance: 5_000 }].map((one) =>
        set(at, one),
      ),
    ]);
    expect(await goals(at)).toEqual({ steps: 8_000, weight: 72, sleep: 27_000, distance: 5_000 });
  });

  test("that are none leave all as they were, and said again they are not written again", async () => {
    const at = await home();
    await set(at, { steps: 8_000 });
    const before = await rows(at);
    expect(await set(at, { sleep: 27_000, steps: 0 })).toEqual({ refused: "invalid" });
    expect(await set(at, { heart_rate: 60 })).toEqual({ refused: "invalid" });
    expect(await set(at, { steps: 8_000 })).toEqual({ steps: 8_000 });
    expect(await rows(at)).toEqual(before);
  });

  test("stand in the log whenever they are looked at or changed, without a word of what they are", async () => {
    const at = await home();
    // Long enough that no ciphertext comes to hold it by chance.
    await set(at, { steps: 98_765 });
    await set(at, { steps: -1 });
    await goals(at);
    const said = deedsIn(at.world).filter(({ deed }) => deed.endsWith("-goals"));
    expect(said).toMatchObject([
      { deed: "set-goals", action: "edit", outcome: "permitted", ground: "own", closings: 1 },
      { deed: "set-goals", outcome: "refused", ground: "invalid-request", rows: 0 },
      { deed: "see-goals", action: "view", outcome: "permitted", ground: "own", rows: 1 },
    ]);
    expect(JSON.stringify(said)).not.toContain("8765");
  });

  test("are kept as ciphertext alone", async () => {
    const at = await home();
    await set(at, { steps: 8_765 });
    const { results } = await at.vault.phi
      .prepare("SELECT *, hex(body) AS hex, CAST(body AS TEXT) AS text FROM sealed")
      .all<{ row_id: string; hex: string }>();
    expect(results.map(({ row_id }) => row_id)).toEqual(["goals"]);
    const said = results.map(({ hex: _, ...columns }) => columns);
    expect(JSON.stringify(said)).not.toContain("98765");
    expect(results[0]?.hex).not.toContain(Buffer.from("98765").toString("hex").toUpperCase());
  });
});

describe("beside what days came to, goals", () => {
  test("are handed out to their member, and change the version when they change", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100)]);
    const first = await withGoals(at);
    expect([first.goals, first.days?.length]).toEqual([{}, 1]);
    const known = await withGoals(at, first.version);
    expect([known.days, known.goals, known.entry]).toEqual([null, null, null]);
    await set(at, { steps: 50 });
    const second = await withGoals(at, first.version);
    expect([second.goals, second.days?.length]).toEqual([{ steps: 50 }, 1]);
    await set(at, { steps: 50 });
    expect((await withGoals(at, second.version)).days).toBeNull();
    await set(at, { steps: null });
    const third = await withGoals(at, second.version);
    expect([third.goals, third.days?.length]).toEqual([{}, 1]);
  });

  test("are handed out with hours too, and of days without anything", async () => {
    const at = await home();
    await set(at, { steps: 50 });
    const empty = await looked(at, own(at), { goals: true, from: "2020-01-01", to: "2020-01-01" });
    expect([empty.days, empty.goals]).toEqual([[], { steps: 50 }]);
    await merge(at, watch, [steps(5, 100)]);
    const hourly = await looked(at, own(at), { goals: true, hours: true });
    expect([hourly.goals, hourly.days?.[0]?.hours?.steps?.length]).toEqual([{ steps: 50 }, 1]);
  });

  test("are no part of a look that does not ask for them", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100)]);
    const { version, goals: none } = await looked(at, own(at));
    expect(none).toBeNull();
    await set(at, { steps: 50 });
    expect((await looked(at, own(at), { knownVersion: version })).days).toBeNull();
  });

  test("are handed out to nobody else, whatever they may see", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100)]);
    await set(at, { steps: 50 });
    const id = `m_${"c".repeat(32)}` as MemberId;
    const coach: Actor = { id, member: id, roles: ["coach"] };
    const draft: ConsentDraft = {
      ...{ effect: "permit", grantee: { kind: "member", id }, columns: ["samples_activity"] },
      ...{ purpose: "coaching", notBeforeMs: null, notAfterMs: null },
    };
    mustBe(await grantConsent(at.vault, at.member, draft, at.now()));
    const seen = await looked(at, coach, { goals: true });
    expect([seen.goals, seen.days?.length]).toEqual([null, 1]);
    // Nor do they learn that there are others now.
    await set(at, { steps: 60 });
    const again = await looked(at, coach, { goals: true, knownVersion: seen.version });
    expect(again.days).toBeNull();
  });
});

describe("what is erased", () => {
  test("with a connection leaves goals as they are, sealed anew", async () => {
    const at = await home();
    await merge(at, phone, [steps(0, 7)]);
    await set(at, { steps: 8_000 });
    const keyOf = () =>
      at.vault.phi.prepare("SELECT key_id FROM sealed WHERE row_id = 'goals'").first("key_id");
    const before = await keyOf();
    const scope = { kind: "connection", connection: phone } as const;
    await eraseScope(at.vault, at.member, scope, at.now());
    expect(await goals(at)).toEqual({ steps: 8_000 });
    expect(await isAtRest(at.vault, at.member)).toBe(true);
    expect([before, await keyOf()]).not.toContain(null);
    expect(await keyOf()).not.toBe(before);
    const kept = await opened(at.vault, at.member, at.now());
    expect(kept).toMatchObject({ "goals goals": '{"steps":8000}' });
  });

  test("with the member takes their goals", async () => {
    const at = await home();
    await set(at, { steps: 8_000 });
    await eraseScope(at.vault, at.member, { kind: "member" }, at.now());
    expect(await rows(at)).toEqual([]);
    const { vault, member, now } = at;
    expect(await goalsOf(vault, member, now())).toEqual({ refused: "unauthenticated" });
    expect(await set(at, { steps: 1 })).toEqual({ refused: "unauthenticated" });
  });
});

test("goals open under renewed epochs", async () => {
  const at = await home({ shards: 2 });
  await set(at, { steps: 8_000 });
  const shards = at.world.restarted();
  for (let step = 0, done = false; !done && step < 20; step++)
    ({ done } = await rotateEpoch(shards, at.now() + 8 * 86_400_000, 1_000));
  const fresh = { ...at, vault: shardAt(at.world.restarted(), at.vault.shard) };
  expect(await goals(fresh)).toEqual({ steps: 8_000 });
});

test("a member takes their goals with them", async () => {
  const at = await home();
  await merge(at, watch, [steps(0, 100)]);
  await set(at, { steps: 8_000, weight: 72.5 });
  const status = await exported(at.vault, at.member, [[]], ["ndjson"], at.now());
  const file = await contentOf(at.vault, at.member, status, "profile-0001.json", at.now());
  expect(JSON.parse(file.toString()).samples).toMatchObject({
    ...{ goals: { steps: 8_000, weight: 72.5 }, orders: [] },
    devices: [{ kind: "watch", firstMs: Date.parse(day) }],
  });
});

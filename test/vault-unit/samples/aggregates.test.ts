/** Who is shown what samples came to, at what price, and what the log says of it. */
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../../domain/identity.ts";
import type { AggregatesRequest, ConsentDraft } from "../../../domain/ports.ts";
import { breakGlass } from "../../../workers/vault/break-glass.ts";
import { grantConsent, revokeConsent } from "../../../workers/vault/consents.ts";
import type { Actor } from "../../../workers/vault/principal.ts";
import { setDeviceOrder } from "../../../workers/vault/sample-settings.ts";
import { deedsIn } from "../log-entries.ts";
import {
  day,
  dayMs,
  type Home,
  home,
  hourMs,
  look,
  looked,
  memberName,
  merge,
  named,
  own,
  phone,
  phoneDevice,
  reading,
  steps,
  utc,
  watch,
} from "./home.ts";

const coachId = `m_${"c".repeat(32)}` as MemberId;
const coach: Actor = { id: coachId, member: coachId, roles: ["coach"] };
const operator: Actor = { id: "m_op", member: "m_op" as MemberId, roles: ["operator"] };

async function grant(at: Home, columns: readonly string[], more: Partial<ConsentDraft> = {}) {
  const draft: ConsentDraft = {
    ...{ effect: "permit", grantee: { kind: "member", id: coachId }, columns },
    ...{ purpose: "coaching", notBeforeMs: null, notAfterMs: null },
    ...more,
  };
  const consent = await grantConsent(at.vault, at.member, draft, at.now());
  if ("refused" in consent) throw new Error(consent.refused);
  return consent;
}
const looks = (at: Home) => deedsIn(at.world).filter(({ deed }) => deed === "read-samples");

describe("what samples came to", () => {
  test("is shown to their member, with hours where asked for, and stands in the log", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100), steps(65, 20), reading("heart_rate", 5, 60_000)]);
    const answer = await looked(at, own(at), { metrics: ["steps", "heart_rate"], hours: true });
    expect(answer.days).toMatchObject([
      {
        date: day,
        metrics: { steps: { value: 120, count: 2 }, heart_rate: { value: 60_000, count: 1 } },
        hours: {
          steps: [
            { fromMs: dayMs, value: 100 },
            { fromMs: dayMs + hourMs, value: 20 },
          ],
        },
      },
    ]);
    expect(looks(at)).toMatchObject([
      {
        ...{ outcome: "permitted", ground: "own", rows: 1, role: "member", closings: 1 },
        ...{ columns: ["samples_activity", "samples_vital"], action: "view", purpose: "" },
      },
    ]);
    const [entry] = looks(at);
    expect(answer.entry).toEqual({ log: entry?.log, index: entry?.index });
  });

  test("of days without any is an answer without days", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100)]);
    const { days } = await looked(at, own(at), { from: "2020-01-01", to: "2020-01-31" });
    expect(days).toEqual([]);
  });

  const unaskable: readonly [string, Partial<AggregatesRequest>][] = [
    ["of no metric", { metrics: [] }],
    ["of one that is none", { metrics: ["mood" as "steps"] }],
    ["of a day that is none", { from: "2026-11-31" }],
    ["of days the wrong way round", { to: "2026-11-13" }],
    ["of too many days", { from: "2025-01-01" }],
  ];
  test.each(unaskable)("asked %s is refused, and nothing is logged", async (_, more) => {
    const at = await home();
    expect(await look(at, own(at), more)).toEqual({ refused: "invalid" });
    expect(looks(at)).toEqual([]);
  });

  test("is no one's who is no member", async () => {
    const at = await home();
    const nobody = `m_${"f".repeat(32)}` as MemberId;
    expect(await look(at, coach, { member: nobody })).toEqual({ refused: "forbidden" });
    expect(await look(at, coach, { member: "no id!" as MemberId })).toEqual({
      refused: "forbidden",
    });
    expect(looks(at)).toMatchObject([{ outcome: "refused", ground: "no-consent", member: "" }]);
  });
});

describe("a version that is known", () => {
  /** How often the database of readings was asked. */
  async function counted() {
    let calls = 0;
    const at = await home({ gate: async () => void calls++ });
    await merge(at, watch, [steps(5, 100)]);
    const { version } = await looked(at, own(at));
    const during = async <T>(act: () => Promise<T>): Promise<[T, number]> => {
      calls = 0;
      return [await act(), calls];
    };
    return { at, version, during };
  }

  test("costs one query while nothing changed, opens nothing and is not logged", async () => {
    const { at, version, during } = await counted();
    const before = looks(at).length;
    const [answer, calls] = await during(() => looked(at, own(at), { knownVersion: version }));
    expect(answer).toEqual({ days: null, goals: null, version, entry: null });
    expect(calls).toBe(1);
    expect(looks(at)).toHaveLength(before);
    await merge(at, watch, [steps(5, 100)]);
    expect((await looked(at, own(at), { knownVersion: version })).days).toBeNull();
    await merge(at, watch, [steps(-5 * 24 * 60, 3), steps(5 * 24 * 60, 3)]);
    expect((await looked(at, own(at), { knownVersion: version })).days, "other days").toBeNull();
  });

  test("is told from what was asked otherwise, and from what changed", async () => {
    const { at, version: knownVersion } = await counted();
    const others: readonly Partial<AggregatesRequest>[] = [
      { metrics: ["distance"] },
      { metrics: ["steps", "distance"] },
      { to: "2026-11-15" },
      { from: "2026-11-13" },
      { hours: true },
      { zones: [{ zone: "Asia/Tokyo", fromMs: 0 }] },
    ];
    for (const other of others)
      expect((await looked(at, own(at), { knownVersion, ...other })).days).not.toBeNull();
    await merge(at, phone, [steps(900, 1, { device: phoneDevice })]);
    const merged = await looked(at, own(at), { knownVersion });
    expect(merged.days).toMatchObject([{ metrics: { steps: { value: 101 } } }]);
    const order = { from: null, devices: [await named(at).device("P-1")] };
    await setDeviceOrder(at.vault, at.member, order, at.now());
    expect((await looked(at, own(at), { knownVersion: merged.version })).days).not.toBeNull();
  });

  test("is told to nobody who may not see it any more", async () => {
    const { at, version: knownVersion } = await counted();
    expect(await look(at, coach, { knownVersion })).toEqual({ refused: "forbidden" });
    const consent = await grant(at, ["samples_activity"]);
    expect((await looked(at, coach, { knownVersion })).days).toBeNull();
    await revokeConsent(at.vault, at.member, consent.id, at.now());
    expect(await look(at, coach, { knownVersion })).toEqual({ refused: "forbidden" });
    expect(looks(at).at(-1)).toMatchObject({ outcome: "refused", ground: "no-consent" });
  });
});

describe("somebody else", () => {
  test("sees the classes that the member permits, and is refused the whole for any other", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100), reading("heart_rate", 5, 60_000)]);
    expect(await look(at, coach)).toEqual({ refused: "forbidden" });
    const { id } = await grant(at, ["samples_activity", "samples_sleep"]);
    expect((await looked(at, coach)).days).toMatchObject([{ metrics: { steps: { value: 100 } } }]);
    expect(await look(at, coach, { metrics: ["steps", "heart_rate"] })).toEqual({
      refused: "forbidden",
    });
    expect(await look(at, coach, { metrics: ["sleep", "steps"], purpose: "care" })).toEqual({
      refused: "forbidden",
    });
    expect(looks(at).map(({ outcome, ground, rows }) => [outcome, ground, rows])).toEqual([
      ["refused", "no-consent", 0],
      ["permitted", id, 1],
      ["refused", "no-consent", 0],
      ["refused", "no-consent", 0],
    ]);
    expect(looks(at).every(({ actor, role }) => actor === coachId && role === "coach")).toBe(true);
  });

  test("is refused by a forbid, and let in by an emergency that is told", async () => {
    const at = await home();
    await merge(at, watch, [steps(5, 100)]);
    await grant(at, ["samples_activity"]);
    const { id } = await grant(at, ["samples_activity"], { effect: "forbid" });
    expect(await look(at, coach)).toEqual({ refused: "forbidden" });
    expect(looks(at).at(-1)).toMatchObject({ ground: id });
    expect(await look(at, operator, { purpose: "emergency" })).toEqual({ refused: "forbidden" });
    const reason = "they did not come home";
    await breakGlass(at.vault, operator, at.member, reason, at.now(), at.vault);
    expect((await looked(at, operator, { purpose: "emergency" })).days).toHaveLength(1);
  });

  test("is refused when the consent is revoked while it is being read", async () => {
    let isRevoking = false;
    const at = await home({
      gate: async () => {
        if (!isRevoking) return;
        isRevoking = false;
        for (const { raw } of at.world.stores.phi) raw.exec("UPDATE consent SET revoked_at = 1");
      },
    });
    await merge(at, watch, [steps(5, 100)]);
    await grant(at, ["samples_activity"]);
    const { batch } = at.vault.phi;
    at.vault.phi.batch = (async (...args: Parameters<typeof batch>) => {
      const results = await batch.apply(at.vault.phi, args);
      isRevoking = true;
      return results;
    }) as typeof batch;
    expect(await look(at, coach)).toEqual({ refused: "forbidden" });
    expect(looks(at).at(-1)).toMatchObject({ outcome: "refused", ground: "no-consent", rows: 0 });
  });

  test("is an entry of the log whatever fails: never a look without one", async () => {
    for (let n = 0; n < 12; n++) {
      let left = Number.POSITIVE_INFINITY;
      const at = await home({
        gate: async () => {
          if (left-- <= 0) throw new Error("the store failed");
        },
      });
      await merge(at, watch, [steps(5, 100)]);
      left = n;
      const answer = await look(at, own(at), { zones: utc }).catch(() => null);
      left = Number.POSITIVE_INFINITY;
      if (answer === null) continue;
      expect(n, "calls of a look").toBeGreaterThan(2);
      expect(looks(at)).toMatchObject([{ outcome: "permitted", closings: 1 }]);
      return;
    }
    throw new Error("the look never came to an end");
  });
});

test("a member of these tests has an id as members have", () => {
  expect(`m_${memberName}`).toMatch(/^m_[0-9a-f]{32}$/);
});

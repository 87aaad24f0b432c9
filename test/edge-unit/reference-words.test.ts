/**
 * The word that a member is given for their provider to say back: with the provider's page where that
 * can be had, in no form that it could be read from, no sooner and no more often than is good for what
 * all members share there.
 */
import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { ada, app, ben, saidOf, world } from "./link-world.ts";

vi.spyOn(console, "log").mockImplementation(() => undefined);
const day = 86_400_000;
const minute = 60_000;
const name = "terra";
type World = ReturnType<typeof world>;

/** A word for that member. */
async function given(of: World, member: string, body: object = {}) {
  const said = await of.post(member, body, name);
  expect(said.status).toBe(201);
  return said.body as { reference: string; expires: string; how: string; authorise: string | null };
}

/** Said back with proof, of an account. */
const says = (of: World, user_id: string, reference_id: string) => {
  const raw = JSON.stringify({ type: "auth", status: "success", user: { user_id, reference_id } });
  const t = Math.floor(of.clock.nowMs / 1_000);
  const v1 = createHmac("sha256", "terra-secret-2").update(`${t}.${raw}`).digest("hex");
  return of.call("post", name, { raw, headers: { "terra-signature": `t=${t},v1=${v1}` } });
};
const living = async (of: World) =>
  (await of.connections()).filter(({ ended_at }) => ended_at === null);
const words = (of: World) => of.rows("SELECT * FROM authorisation");

describe("a word", () => {
  it("is given with the provider's page, and kept in no form that it could be read from", async () => {
    const of = world();
    const { reference, expires, how, authorise } = await given(of, ada, {
      returnTo: `${app}/done`,
    });
    expect(reference).toMatch(/^[\w-]{43}$/);
    expect(Date.parse(expires)).toBe(of.clock.nowMs + day);
    expect(how.length).toBeGreaterThan(20);
    expect(authorise).toBe(`https://pages.example/${reference}`);
    expect(of.sessions).toEqual([{ provider: name, returnTo: `${app}/done` }]);
    expect(of.gate.asks).toHaveLength(1);
    expect(JSON.stringify(await words(of))).not.toContain(reference);
    expect(of.entries, "nothing was linked").toEqual([]);
  });

  it("is given without the page when that cannot be had, or the budget is spent", async () => {
    const of = world();
    of.faults.session = true;
    expect((await given(of, ada)).authorise).toBeNull();
    of.faults.session = false;
    of.gate.says = () => ({ waitMs: 60_000, why: "budget" });
    of.clock.nowMs += minute;
    const { authorise, reference } = await given(of, ada);
    expect([authorise, of.sessions]).toEqual([null, []]);
    await says(of, "u1", reference);
    expect(await living(of)).toHaveLength(1);
  });

  it.each([
    { code: "code", state: "state" },
    { code: "code" },
    { returnTo: "https://elsewhere.example/" },
    { other: true },
  ])("is not given for %j", async (body) => {
    const of = world();
    expect(saidOf(await of.post(ada, body, name))).toBe("invalid-request");
    expect(await words(of)).toEqual([]);
  });

  it("is one of ten of its member's there; more are refused, and ask nothing of it", async () => {
    const of = world();
    const bens = await given(of, ben);
    const beganMs = of.clock.nowMs;
    const all = [];
    for (let i = 0; i < 10; i++) {
      all.push(await given(of, ada));
      of.clock.nowMs += minute;
    }
    const link = await of.begun(ada);
    const asked = of.gate.asks.length;
    for (const leftMs of [day - 10 * minute, 1_500, 1]) {
      of.clock.nowMs = beganMs + day - leftMs;
      const eleventh = await of.post(ada, {}, name);
      expect(saidOf(eleventh)).toBe("too-many");
      expect(eleventh.headers.get("retry-after")).toBe(String(Math.ceil(leftMs / 1_000)));
    }
    expect([of.gate.asks.length, of.sessions.length]).toEqual([asked, asked]);
    expect(await of.rows("SELECT 1 FROM authorisation WHERE member = ?", ada)).toHaveLength(11);
    for (const [i, { reference }] of all.entries()) await says(of, `u${i}`, reference);
    await says(of, "of-ben", bens.reference);
    expect(await living(of)).toHaveLength(11);
    of.clock.nowMs = beganMs;
    expect(saidOf(await of.post(ada, { code: link.code, state: link.state }))).toBe(201);
  });

  it("has room again when the first of ten is over", async () => {
    const of = world();
    for (let i = 0; i < 10; i++) {
      await given(of, ada);
      of.clock.nowMs += minute;
    }
    of.clock.nowMs += day - 10 * minute;
    await given(of, ada);
    of.clock.nowMs += minute - 1;
    expect(saidOf(await of.post(ada, {}, name))).toBe("too-many");
  });

  it("is given once a minute by each provider to each member, however many ask", async () => {
    const of = world();
    const all = await Promise.all(Array.from({ length: 10 }, () => of.post(ada, {}, name)));
    expect(all.map(saidOf).sort()).toEqual([201, ...Array(9).fill("too-many")]);
    expect([of.sessions.length, of.gate.asks.length]).toEqual([1, 1]);
    of.clock.nowMs += minute - 1;
    const early = await of.post(ada, {}, name);
    expect([saidOf(early), early.headers.get("retry-after")]).toEqual(["too-many", "1"]);
    expect(saidOf(await of.post(ben, {}, name))).toBe(201);
    expect(saidOf(await of.post(ada, {}, "junction"))).toBe(201);
    of.clock.nowMs += 1;
    await given(of, ada);
  });

  it("ends no link of another kind, and no link of that kind is a word", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    expect(saidOf(await of.post(ada, { code: "code", state: reference }))).toBe("link-expired");
    const { state } = await of.begun(ada);
    await says(of, "u1", state);
    expect(await living(of)).toEqual([]);
  });
});

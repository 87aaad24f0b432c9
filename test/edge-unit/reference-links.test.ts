/**
 * A word that a member was given brings one account, once, in time, when its provider says it back
 * with proof; what one member holds no other one gets by it; and a delivery that is said again, or
 * was cut short anywhere, ends as if it had been said once.
 */
import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { ada, ben, hashed, saidOf, world } from "./link-world.ts";

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

const delivered = (of: World, json: object) => {
  const raw = JSON.stringify(json);
  const t = Math.floor(of.clock.nowMs / 1_000);
  const v1 = createHmac("sha256", "terra-secret-2").update(`${t}.${raw}`).digest("hex");
  return of.call("post", name, { raw, headers: { "terra-signature": `t=${t},v1=${v1}` } });
};
const says = (of: World, user_id: string, reference_id: string) =>
  delivered(of, { type: "auth", status: "success", user: { user_id, reference_id } });
const moves = (of: World, from: string, to: string) =>
  delivered(of, {
    type: "user_reauth",
    status: "success",
    old_user: { user_id: from },
    new_user: { user_id: to },
  });
const living = async (of: World) =>
  (await of.connections()).filter(({ ended_at }) => ended_at === null);
const ends = async (of: World, connection: string) => {
  of.revokesAs("nothing");
  const asked = { member: ada, params: { connection }, query: { data: "keep" } };
  expect((await of.ask("delete", "/v1/connections/:connection", asked)).status).toBe(200);
};
const words = (of: World) => of.rows("SELECT * FROM authorisation");

describe("a delivery that says a word back", () => {
  it("makes the account its member's, opened, and in the log of who looked", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    expect(saidOf(await says(of, "u1", reference))).toBe(200);
    const [connection] = await living(of);
    const id = String(connection?.id);
    expect(of.opened.get(id)).toEqual([
      {
        connection: id,
        member: ada,
        provider: name,
        account: await hashed(name, "u1"),
        forgottenToMs: null,
        scopes: null,
        have: null,
      },
    ]);
    expect(of.entries).toEqual([{ member: ada, outcome: "permitted", ground: "own" }]);
    expect(await words(of)).toEqual([]);
  });

  it("again changes nothing, however often and at once", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    const all = await Promise.all(Array.from({ length: 10 }, () => says(of, "u1", reference)));
    expect(new Set(all.map(saidOf))).toEqual(new Set([200]));
    const [connection, ...more] = await living(of);
    expect(more).toEqual([]);
    const opened = of.opened.get(String(connection?.id))?.length;
    of.clock.nowMs += 60_000;
    expect(saidOf(await says(of, "u1", reference))).toBe(200);
    expect(await living(of)).toEqual([connection]);
    expect(of.opened.get(String(connection?.id))).toHaveLength(opened ?? -1);
  });

  it("brings one account by it, though many say it at once", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    await Promise.all(Array.from({ length: 10 }, (_, i) => says(of, `u${i}`, reference)));
    expect(await living(of)).toHaveLength(1);
    await says(of, "another", reference);
    expect(await living(of)).toHaveLength(1);
  });

  it("after its day is over links nothing; the millisecond before it does", async () => {
    const of = world();
    const [one, other] = [await given(of, ada), await given(of, ben)];
    of.clock.nowMs += day - 1;
    await says(of, "u1", one.reference);
    of.clock.nowMs += 1;
    expect(saidOf(await says(of, "u2", other.reference))).toBe(200);
    expect(await living(of)).toHaveLength(1);
  });

  it.each(["", "unknown", "x".repeat(5_000), "__proto__"])(
    "that nobody was given: %j",
    async (word) => {
      const of = world();
      await given(of, ada);
      expect(saidOf(await says(of, "u1", word))).toBe(200);
      expect([await of.connections(), of.entries]).toEqual([[], []]);
    },
  );

  it("of an account that another member holds is refused, both are told, and it is used up", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const [held] = await living(of);
    const { reference } = await given(of, ben);
    expect(saidOf(await says(of, "u1", reference))).toBe(200);
    expect(await living(of)).toEqual([held]);
    expect(of.entries.at(-1)).toEqual({ member: ben, outcome: "refused", ground: "conflict" });
    expect(await of.rows("SELECT member, side FROM refused_link ORDER BY side")).toEqual([
      { member: ben, side: "claimant" },
      { member: ada, side: "holder" },
    ]);
    await says(of, "u1", reference);
    expect(await of.rows("SELECT 1 FROM refused_link")).toHaveLength(2);
    expect(await words(of)).toEqual([]);
  });

  it("of an account that its member holds makes a fresh connection, which is left all", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const [first] = await living(of);
    of.clock.nowMs += 1_000;
    await says(of, "u1", (await given(of, ada)).reference);
    const [second, ...more] = await living(of);
    expect([more, second?.id === first?.id]).toEqual([[], false]);
    expect(of.leftTo.get(String(second?.id))).toEqual([first?.id]);
    expect(of.forgotten).toEqual([first?.id]);
  });

  it("while the log cannot be reached does nothing, and links when it is said again", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    of.faults.log = true;
    await expect(says(of, "u1", reference)).rejects.toThrow("down");
    expect(await of.connections()).toEqual([]);
    of.faults.log = false;
    await says(of, "u1", reference);
    expect(await living(of)).toHaveLength(1);
  });

  it("that was cut short before the connection was opened opens that one when it is said again", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    of.faults.open = true;
    await expect(says(of, "u1", reference)).rejects.toThrow("down");
    const [claimed] = await living(of);
    of.faults.open = false;
    of.clock.nowMs += 1_000;
    expect(saidOf(await says(of, "u1", reference))).toBe(200);
    expect(await living(of)).toEqual([claimed]);
    expect(of.opened.get(String(claimed?.id))).toHaveLength(1);
    expect(await words(of)).toEqual([]);
  });

  it("that was cut short before the word was used up finds its own connection", async () => {
    const of = world();
    const { reference } = await given(of, ada);
    of.faults.drop = true;
    await expect(says(of, "u1", reference)).rejects.toThrow("down");
    const [made] = await living(of);
    expect(await words(of)).toHaveLength(1);
    of.faults.drop = false;
    of.clock.nowMs += 1_000;
    await says(of, "another", reference);
    await says(of, "u1", reference);
    expect(await living(of)).toEqual([made]);
    expect([await words(of), of.forgotten]).toEqual([[], []]);
  });

  it.each(["by hand", "otherwise"])(
    "that was cut short before the word was used up does not undo what its member ended %s since",
    async (how) => {
      const of = world();
      const { reference } = await given(of, ada);
      of.faults.drop = true;
      await expect(says(of, "u1", reference)).rejects.toThrow("down");
      of.faults.drop = false;
      const [made] = await living(of);
      of.clock.nowMs += minute;
      if (how === "by hand") await ends(of, String(made?.id));
      else await of.rows("UPDATE connection SET ended_at = ?", of.clock.nowMs);
      expect(await living(of)).toEqual([]);
      const entries = of.entries.length;
      of.clock.nowMs += 3_600_000;
      for (let times = 0; times < 2; times++)
        expect(saidOf(await says(of, "u1", reference))).toBe(200);
      expect([await living(of), of.entries.length]).toEqual([[], entries]);
      await says(of, "u1", (await given(of, ada)).reference);
      expect(await living(of)).toHaveLength(1);
    },
  );

  it("of a connection that was ended before the word was given makes another", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    of.clock.nowMs += 1_000;
    await ends(of, String((await living(of))[0]?.id));
    of.clock.nowMs += 1_000;
    await says(of, "u1", (await given(of, ada)).reference);
    expect(await living(of)).toHaveLength(1);
  });

  it("that its member was given before they let go of an account there links nothing", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const id = String((await living(of))[0]?.id);
    const bens = await given(of, ben);
    of.clock.nowMs += 1_000;
    const out = await given(of, ada);
    const elsewhere = await of.post(ada, {}, "junction");
    await ends(of, id);
    for (const account of ["u1", "u2"]) await says(of, account, out.reference);
    expect(await living(of)).toEqual([]);
    await says(of, "of-ben", bens.reference);
    expect((await living(of)).map(({ member }) => member)).toEqual([ben]);
    const kept = await of.rows("SELECT account FROM authorisation WHERE provider = 'junction'");
    expect([saidOf(elsewhere), kept]).toEqual([201, [{ account: null }]]);
    // Letting go again and again is no way to more of them.
    await ends(of, id);
    expect(saidOf(await of.post(ada, {}, name))).toBe("too-many");
  });

  it("while what came by the account is still being erased is to be said again", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const [first] = await living(of);
    of.statuses.set(String(first?.id), { ending: true });
    of.clock.nowMs += 1_000;
    const { reference } = await given(of, ada);
    expect(saidOf(await says(of, "u1", reference))).toBe("unavailable");
    expect(await living(of)).toEqual([first]);
    of.statuses.delete(String(first?.id));
    expect(saidOf(await says(of, "u1", reference))).toBe(200);
    expect((await living(of)).map(({ id }) => id)).not.toContain(first?.id);
  });
});

describe("an account that took another's place", () => {
  it("is linked for whoever holds that one, which is held with it", async () => {
    const of = world();
    await says(of, "old", (await given(of, ada)).reference);
    const [first] = await living(of);
    of.statuses.set(String(first?.id), { have: { fromMs: 1, toMs: 2 } });
    of.clock.nowMs += 1_000;
    expect(saidOf(await moves(of, "old", "new"))).toBe(200);
    const [second, ...more] = await living(of);
    expect([more, second?.member]).toEqual([[], ada]);
    expect(of.opened.get(String(second?.id))).toMatchObject([
      { account: await hashed(name, "new"), have: { fromMs: 1, toMs: 2 } },
    ]);
    expect(of.forgotten).toEqual([first?.id]);
    expect(of.entries.map(({ member, outcome }) => [member, outcome])).toEqual([
      [ada, "permitted"],
      [ada, "permitted"],
    ]);
    // Nobody else gets either of them.
    await says(of, "old", (await given(of, ben)).reference);
    await says(of, "new", (await given(of, ben)).reference);
    expect(await living(of)).toEqual([second]);
  });

  it("said again, or of one that nobody holds, changes nothing", async () => {
    const of = world();
    await says(of, "old", (await given(of, ada)).reference);
    await moves(of, "old", "new");
    const before = await of.connections();
    await moves(of, "old", "new");
    await moves(of, "stranger", "stranger-2");
    expect(await of.connections()).toEqual(before);
    expect(of.entries).toHaveLength(2);
  });

  it("and is another member's stays theirs, and both are told", async () => {
    const of = world();
    await says(of, "old", (await given(of, ada)).reference);
    await says(of, "new", (await given(of, ben)).reference);
    const before = await of.connections();
    expect(saidOf(await moves(of, "old", "new"))).toBe(200);
    expect(await of.connections()).toEqual(before);
    expect(await of.rows("SELECT member, side FROM refused_link ORDER BY side")).toEqual([
      { member: ada, side: "claimant" },
      { member: ben, side: "holder" },
    ]);
  });
});

describe("a connection that was linked by a word", () => {
  it("is told that the account gives no more, once", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const [connection] = await living(of);
    await delivered(of, { type: "deauth", status: "success", user: { user_id: "u1" } });
    await delivered(of, { type: "deauth", status: "success", user: { user_id: "stranger" } });
    expect(of.heard).toEqual([{ id: connection?.id, what: "ended", said: ["grant-ended", null] }]);
    expect(await living(of)).toEqual([connection]);
  });

  it("is told that the account gives again, once, after what ended it", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const id = (await living(of))[0]?.id;
    const user = { user_id: "u1" };
    const changes = { type: "permission_change", status: "warning" };
    await delivered(of, { ...changes, user, scopes_removed: "activity:read" });
    await delivered(of, { ...changes, user, scopes_added: "activity:read" });
    await delivered(of, { type: "user_reauth", status: "warning", new_user: user, old_user: user });
    const stranger = { user_id: "stranger" };
    await delivered(of, { ...changes, user: stranger, scopes_added: "activity:read" });
    expect(of.heard).toEqual([
      { id, what: "ended", said: ["permission-withdrawn", null] },
      { id, what: "granted", said: null },
      { id, what: "granted", said: null },
    ]);
  });

  it("is told when its provider said that the account gives no more", async () => {
    const of = world();
    const door = "standard-webhooks";
    const key = Buffer.alloc(32, 7);
    of.secretsAre({ [door]: { signing: [`whsec_${key.toString("base64")}`] } });
    const send = (type: string, timestamp: string, more: object) => {
      const raw = JSON.stringify({ type, timestamp, data: { account: "u1", ...more } });
      const t = Math.floor(of.clock.nowMs / 1_000);
      const mac = createHmac("sha256", key).update(`msg_1.${t}.${raw}`).digest("base64");
      const signed = { "webhook-timestamp": String(t), "webhook-signature": `v1,${mac}` };
      return of.call("post", door, { raw, headers: { "webhook-id": "msg_1", ...signed } });
    };
    const { reference } = (await of.post(ada, {}, door)).body;
    await send("account.linked", "2026-11-21T00:00:00Z", { reference });
    const id = (await living(of))[0]?.id;
    expect(saidOf(await send("account.ended", "2026-11-20T22:00:00Z", {}))).toBe(200);
    const said = ["grant-ended", Date.UTC(2026, 10, 20, 22)];
    expect(of.heard).toEqual([{ id, what: "ended", said }]);
  });

  it.each(["keep", "erase"])(
    "ends when its member wants it to, with its data: %s",
    async (data) => {
      const of = world();
      await says(of, "u1", (await given(of, ada)).reference);
      const id = String((await living(of))[0]?.id);
      of.revokesAs("nothing");
      const asked = { member: ada, params: { connection: id }, query: { data } };
      const said = await of.ask("delete", "/v1/connections/:connection", asked);
      expect(said.status).toBe(200);
      expect(said.body.steps.map(({ step }: { step: string }) => step)).not.toContain(
        "revoke-failed",
      );
      expect([await living(of), of.forgotten]).toEqual([[], [id]]);
    },
  );

  it("is not read at once by asking: nothing is to be asked there", async () => {
    const of = world();
    await says(of, "u1", (await given(of, ada)).reference);
    const params = { connection: String((await living(of))[0]?.id) };
    const said = await of.ask("post", "/v1/connections/:connection/sync", { member: ada, params });
    expect(saidOf(said)).toBe("not-found");
  });
});

/**
 * A link that a member began is ended by that member alone, once, in time, at the provider that it
 * was begun at; the same account twice is one account; and what one member holds no other one gets.
 */
import { describe, expect, it } from "vitest";
import { ada, app, ben, origin, provider, remembered, saidOf, world } from "./link-world.ts";

const scopes = ["activity.readonly"];
const have = { fromMs: Date.UTC(2026, 8, 1), toMs: Date.UTC(2026, 10, 20) };

describe("beginning a link", () => {
  it("says where to grant and what is asked for, and gives the browser its cookie", async () => {
    const { begun, rows, clock } = world();
    const { body, headers, state, cookie } = await begun(ada);
    const authorise = new URL(body.authorise);
    expect(authorise.searchParams.get("state")).toBe(state);
    expect(authorise.searchParams.get("redirect_uri")).toBe(`${origin}/oauth/${provider}/callback`);
    expect(Date.parse(body.expires)).toBe(clock.nowMs + 600_000);
    expect(body.scopes.length).toBeGreaterThan(0);
    expect(body.scopes.some((s: { needed: boolean }) => s.needed)).toBe(true);
    const flags = (headers.get("set-cookie") ?? "").split("; ");
    expect(flags[0]).toMatch(/^__Host-link=[\w-]{43}$/);
    expect(flags.slice(1).sort()).toEqual([
      "HttpOnly",
      "Max-Age=600",
      "Path=/",
      "SameSite=Lax",
      "Secure",
    ]);
    const kept = JSON.stringify(await rows("SELECT * FROM authorisation"));
    expect(kept).not.toContain(state);
    expect(kept).not.toContain(cookie.split("=")[1]);
  });

  it("stands in no log: nothing was linked", async () => {
    const { begun, entries } = world();
    await begun(ada);
    expect(entries).toEqual([]);
  });

  it("keeps ten of a member at once, and everybody else's", async () => {
    const { begun, rows, post } = world();
    const bens = await begun(ben);
    const adas = [];
    for (let i = 0; i < 12; i++) adas.push(await begun(ada, { account: `a${i}` }));
    expect(await rows("SELECT state FROM authorisation WHERE member = ?", ada)).toHaveLength(10);
    const newest = adas.at(-1) as (typeof adas)[number];
    expect(saidOf(await post(ada, { code: newest.code, state: newest.state }))).toBe(201);
    expect(saidOf(await post(ben, { code: bens.code, state: bens.state }))).toBe(201);
  });

  it.each([
    { code: "code" },
    { state: "state" },
    { code: "code", state: "state", returnTo: `${app}/` },
    { code: "", state: "state" },
    { code: "code", state: "s".repeat(65) },
    { returnTo: "/relative" },
    { returnTo: "https://elsewhere.example/" },
    { returnTo: "https://app.example.elsewhere.example/" },
    { returnTo: "https://user@app.example/" },
    { returnTo: "http://app.example/" },
    { returnTo: "http://edge.example/" },
    { returnTo: "https://edge.example.elsewhere.example/" },
    { returnTo: "javascript:alert(1)" },
    { returnTo: "blob:https://other.example/x" },
    { returnTo: "data:text/html,x" },
    { returnTo: "null" },
    { other: true },
  ])("of another form is refused, and nothing is kept: %j", async (body) => {
    const { post, rows } = world();
    expect(saidOf(await post(ada, body))).toBe("invalid-request");
    expect(await rows("SELECT state FROM authorisation")).toEqual([]);
  });

  it("leads back to a page of our own without being told so", async () => {
    const { begun, back, connections } = world();
    const { code, state, cookie } = await begun(ada, {}, { returnTo: `${origin}/connections` });
    const said = await back({ code, state }, { cookie });
    const [row] = await connections();
    expect([said.status, said.headers.get("location")]).toEqual([
      303,
      `${origin}/connections?connection=${row?.id}`,
    ]);
  });

  it.each(["apple-health", "nobody", "constructor"])("at %s is not found", async (name) => {
    const { post } = world();
    expect(saidOf(await post(ada, {}, name))).toBe("not-found");
  });
});

describe("ending a link with a token", () => {
  it("links, opens the connection and stands in the log", async () => {
    const { begun, post, opened, entries, connections } = world();
    const { code, state } = await begun(ada, { scopes });
    const { status, body } = await post(ada, { code, state });
    expect([status, body.provider]).toEqual([201, provider]);
    expect(opened.get(body.id)).toEqual([
      {
        connection: body.id,
        member: ada,
        provider,
        account: expect.stringMatching(/^[\w-]{43}$/),
        forgottenToMs: null,
        scopes,
        have: null,
      },
    ]);
    expect(entries).toEqual([{ member: ada, outcome: "permitted", ground: "own" }]);
    expect(await connections()).toMatchObject([{ id: body.id, member: ada, ended_at: null }]);
  });

  it("works once", async () => {
    const { begun, post, entries } = world();
    const { code, state } = await begun(ada);
    expect(saidOf(await post(ada, { code, state }))).toBe(201);
    expect(saidOf(await post(ada, { code, state }))).toBe("link-expired");
    expect(entries.at(-1)).toMatchObject({ outcome: "refused", ground: "link-expired" });
  });

  it("works once, however many ask at once", async () => {
    const { begun, post, connections } = world();
    const { code, state } = await begun(ada);
    const all = await Promise.all(Array.from({ length: 20 }, () => post(ada, { code, state })));
    expect(all.map(saidOf).filter((said) => said === 201)).toHaveLength(1);
    expect(all.map(saidOf).filter((said) => said === "link-expired")).toHaveLength(19);
    expect(await connections()).toHaveLength(1);
  });

  it("is for whom it was begun, who still can when another tried", async () => {
    const { begun, post, connections } = world();
    const { code, state } = await begun(ada);
    expect(saidOf(await post(ben, { code, state }))).toBe("link-expired");
    expect(await connections()).toEqual([]);
    expect(saidOf(await post(ada, { code, state }))).toBe(201);
  });

  it("is over after ten minutes", async () => {
    const { begun, post, clock } = world();
    const late = await begun(ada);
    const { code, state } = await begun(ada);
    clock.nowMs += 599_999;
    expect(saidOf(await post(ada, { code, state }))).toBe(201);
    clock.nowMs += 1;
    expect(saidOf(await post(ada, { code: late.code, state: late.state }))).toBe("link-expired");
  });

  it("is refused at another provider than it was begun at", async () => {
    const { begun, post } = world();
    const { code, state } = await begun(ada, {}, { name: "garmin" });
    expect(saidOf(await post(ada, { code, state }))).toBe("link-expired");
    expect(saidOf(await post(ada, { code, state }, "garmin"))).toBe(201);
  });

  it("by a code that the provider refuses says so, and is spent", async () => {
    const { begun, post, entries } = world();
    const { code, state } = await begun(ada);
    expect(saidOf(await post(ada, { code: "another", state }))).toBe("provider-refused");
    expect(entries.at(-1)).toMatchObject({ outcome: "refused", ground: "provider-refused" });
    expect(saidOf(await post(ada, { code, state }))).toBe("link-expired");
  });

  it("is not done while the log cannot be reached, and can be repeated", async () => {
    const { begun, post, faults, connections } = world();
    const { code, state } = await begun(ada);
    faults.log = true;
    await expect(post(ada, { code, state })).rejects.toThrow("down");
    expect(await connections()).toEqual([]);
    faults.log = false;
    expect(saidOf(await post(ada, { code, state }))).toBe(201);
  });

  it("that fails half-way is shown as failed, and linking again makes up for it", async () => {
    const { begun, post, linked, faults, entries, opened, connections, forgotten, retracted } =
      world();
    const { code, state } = await begun(ada);
    faults.open = true;
    await expect(post(ada, { code, state })).rejects.toThrow("down");
    expect(entries.at(-1)).toMatchObject({ outcome: "failed" });
    faults.open = false;
    const again = await linked(ada);
    const first = (await connections()).find((c) => c.id !== again);
    expect([forgotten, retracted]).toEqual([[first?.id], [first?.id]]);
    expect(opened.get(again)).toHaveLength(1);
    expect((await connections()).filter((c) => c.ended_at === null)).toMatchObject([{ id: again }]);
  });
});

describe("a link while the provider's budget is spent", () => {
  const later = { waitMs: 30_500, why: "budget" } as const;

  it("is refused with the time to wait and takes nothing: said again then, it links", async () => {
    const { begun, post, gate, connections, entries } = world();
    const { code, state } = await begun(ada);
    gate.says = () => later;
    const refused = await post(ada, { code, state });
    expect([saidOf(refused), refused.headers.get("retry-after")]).toEqual(["unavailable", "31"]);
    expect([await connections(), gate.reports]).toEqual([[], []]);
    expect(entries.at(-1)).toMatchObject({ outcome: "failed", ground: "unavailable" });
    gate.says = () => undefined;
    expect(saidOf(await post(ada, { code, state }))).toBe(201);
  });

  it("by a browser leaves it its cookie, and the same address links then", async () => {
    const { begun, back, gate } = world();
    const { code, state, cookie } = await begun(ada);
    gate.says = () => later;
    const refused = await back({ code, state }, { cookie });
    expect([refused.status, refused.headers.get("set-cookie")]).toEqual([503, null]);
    gate.says = () => undefined;
    expect((await back({ code, state }, { cookie })).status).toBe(200);
  });

  it("that is over in a moment is made then, unasked", async () => {
    const { linked, gate } = world();
    gate.says = () => (gate.asks.length === 1 ? { waitMs: 60, why: "budget" } : undefined);
    await linked(ada);
    expect(gate.asks).toHaveLength(2);
  });

  it("counts what the vault asks, and gives back what it did not", async () => {
    const { linked, begun, post, gate } = world();
    await linked(ada);
    await linked(ada, { account: "another" }, { name: "garmin" });
    expect(gate.asks.map(({ kind, want, least }) => [kind, want, least])).toEqual([
      ["live", 1, 1],
      ["live", 2, 2],
    ]);
    expect(gate.reports.map(({ calls }) => calls.map((call) => call.class))).toEqual([
      ["ok"],
      ["ok", "ok"],
    ]);
    const { state } = await begun(ada);
    expect(saidOf(await post(ada, { code: "of nobody", state }))).toBe("provider-refused");
    expect(saidOf(await post(ada, { code: "of nobody", state }))).toBe("link-expired");
    expect(gate.reports.slice(2).map(({ calls }) => calls)).toEqual([[], []]);
  });

  it("of which a probe is all that is left is refused, and the probe goes back", async () => {
    const { begun, post, gate } = world();
    const { code, state } = await begun(ada, {}, { name: "garmin" });
    gate.says = () => ({ lease: "probe", granted: 1, untilMs: 0 });
    expect(saidOf(await post(ada, { code, state }, "garmin"))).toBe("unavailable");
    expect(gate.reports).toEqual([{ lease: "probe", calls: [], freshnessMs: [] }]);
  });

  it("that the provider fails leaves its calls spent", async () => {
    const { begun, post, gate, codes } = world();
    const { code, state } = await begun(ada);
    codes.set(code, { failed: "provider" });
    expect(saidOf(await post(ada, { code, state }))).toBe("provider-refused");
    expect([gate.asks.length, gate.reports]).toEqual([1, []]);
  });
});

describe("the same account again", () => {
  it("is not linked while an earlier link of it is being erased, and nothing of it changes", async () => {
    const { linked, begun, post, statuses, connections, forgotten, retracted, opened } = world();
    const first = await linked(ada);
    statuses.set(first, { ending: true });
    const { code, state } = await begun(ada);
    expect(saidOf(await post(ada, { code, state }))).toBe("unavailable");
    expect(await connections()).toMatchObject([{ id: first, ended_at: null }]);
    expect([forgotten, retracted.length, opened.size]).toEqual([[], 1, 1]);
    expect(retracted, "its new tokens go").not.toContain(first);
    await linked(ada, { account: "another" });
    statuses.delete(first);
    await linked(ada);
  });

  it("takes no history of one that began to be erased meanwhile", async () => {
    const { linked, statuses, opened, leftTo, begun, post } = world();
    const first = await linked(ada);
    let looks = 0;
    const ending = {
      have,
      get ending() {
        return ++looks > 1;
      },
    };
    statuses.set(first, ending);
    const { code, state } = await begun(ada);
    const { body } = await post(ada, { code, state });
    expect(opened.get(body.id)).toMatchObject([{ have: null }]);
    expect(leftTo.get(body.id)).toEqual([]);
  });

  it("takes the place of the one before, with what that one has read", async () => {
    const { linked, statuses, opened, forgotten, retracted, revoked, connections, ...of } = world();
    const { clock, db, rows } = of;
    const first = await linked(ada);
    statuses.set(first, { have });
    await db
      .prepare("INSERT INTO connection_status VALUES (?, ?, ?, 'connected', NULL, '{}', 0)")
      .bind(first, ada, provider)
      .run();
    const second = await linked(ada, { scopes });
    expect(opened.get(second)).toMatchObject([{ connection: second, have, scopes }]);
    expect(forgotten).toEqual([first]);
    expect(retracted).toEqual([first]);
    expect(revoked, "the grant is the same one").toEqual([]);
    expect(await rows("SELECT connection FROM connection_status")).toEqual([]);
    expect(await connections()).toMatchObject([
      { id: first, ended_at: clock.nowMs - 1_000 },
      { id: second, ended_at: null },
    ]);
  });

  it("is left what still waits with the one before, which reads no more", async () => {
    const { linked, statuses, opened, forgotten, leftTo } = world();
    const first = await linked(ada);
    statuses.set(first, { have, pending: 3, state: "needs-reconnecting", why: "grant-ended" });
    const second = await linked(ada);
    expect([leftTo.get(second), forgotten]).toEqual([[first], [first]]);
    expect(opened.get(first)).toHaveLength(1);
    expect(opened.get(second)).toMatchObject([{ connection: second, have }]);
  });

  it("by two of its member's at once stays one connection that works", async () => {
    const { begun, post, connections, retracted, opened } = world();
    const both = [await begun(ada), await begun(ada)];
    const all = await Promise.all(both.map(({ code, state }) => post(ada, { code, state })));
    expect(all.map(saidOf)).toEqual([201, 201]);
    const living = (await connections()).filter((c) => c.ended_at === null);
    expect(living).toHaveLength(1);
    const id = String(living[0]?.id);
    expect(retracted).not.toContain(id);
    expect(opened.get(id)?.at(-1)?.connection).toBe(id);
  });

  it("while the first link is still being opened: the first one stops", async () => {
    const { begun, post, linked, meanwhile, opened, forgotten, retracted } = world();
    const { code, state } = await begun(ada);
    const second: string[] = [];
    meanwhile.push(async () => second.push(await linked(ada)));
    const { body } = await post(ada, { code, state });
    const [first] = [...opened.keys()].filter((id) => !second.includes(id));
    expect(opened.get(String(first))?.at(-1)?.connection, "it was told last of itself").toBe(first);
    expect([body.id, forgotten.at(-1)]).toEqual([second[0], first]);
    expect(new Set(retracted)).toEqual(new Set([first]));
  });

  it("by another member is refused, both are told, and its tokens go", async () => {
    const { linked, begun, post, retracted, connections, rows } = world();
    const held = await linked(ada);
    const { code, state } = await begun(ben);
    expect(saidOf(await post(ben, { code, state }))).toBe("conflict");
    expect(await connections()).toMatchObject([{ id: held, ended_at: null }]);
    expect(retracted).toHaveLength(1);
    expect(retracted).not.toContain(held);
    expect(await rows("SELECT member, side FROM refused_link ORDER BY side")).toEqual([
      { member: ben, side: "claimant" },
      { member: ada, side: "holder" },
    ]);
  });

  it("by several members at once is one member's", async () => {
    const { begun, post, connections } = world();
    const members = Array.from({ length: 6 }, (_, i) => `m_${String(i).repeat(32)}`);
    const links = await Promise.all(members.map((member) => begun(member)));
    const all = await Promise.all(
      links.map(({ code, state }, i) => post(String(members[i]), { code, state })),
    );
    expect(all.map(saidOf).filter((said) => said === 201)).toHaveLength(1);
    expect(all.map(saidOf).filter((said) => said === "conflict")).toHaveLength(5);
    expect(await connections()).toHaveLength(1);
  });

  it("after it was disconnected with its data erased takes nothing of before, and asks for all", async () => {
    const { linked, statuses, opened, db, rows, clock } = world();
    const first = await linked(ada);
    const atMs = clock.nowMs;
    const [row] = await rows("SELECT account FROM connection WHERE id = ?", first);
    await db
      .prepare("INSERT INTO forgotten (hash, kind, at) VALUES (?, 'account', ?)")
      .bind(await remembered(String(row?.account)), atMs)
      .run();
    await db.prepare("UPDATE connection SET ended_at = ?").bind(atMs).run();
    statuses.delete(first);
    clock.nowMs += 1_000;
    const second = await linked(ada);
    expect(opened.get(second)).toMatchObject([{ forgottenToMs: atMs, have: null }]);
  });
});

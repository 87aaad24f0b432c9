/**
 * The browser that comes back from a provider: the one that began the link ends it, any other is
 * sent on and changes nothing; what was sent is said back nowhere.
 */
import { describe, expect, it } from "vitest";
import { ada, app, ben, type Said, saidOf, world } from "./link-world.ts";

const returnTo = `${app}/settings?tab=links`;
const title = ({ text }: Said) => /<h1>(.*)<\/h1>/.exec(text)?.[1];
const leads = ({ status, headers }: Said) => {
  expect(status).toBe(303);
  const to = new URL(headers.get("location") ?? "");
  expect(to.origin + to.pathname).toBe(`${app}/settings`);
  expect(to.searchParams.get("tab")).toBe("links");
  to.searchParams.delete("tab");
  return Object.fromEntries(to.searchParams);
};
describe("the browser that began the link", () => {
  it("ends it: linked, and logged as its member's", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada);
    const said = await of.back({ code, state }, { cookie: `other=1; ${cookie}; more=2` });
    expect([said.status, title(said)]).toEqual([200, "Linked"]);
    expect(await of.connections()).toMatchObject([{ member: ada, ended_at: null }]);
    expect(of.entries).toEqual([{ member: ada, outcome: "permitted", ground: "own" }]);
    expect(of.opened.size).toBe(1);
  });

  it("ends two that it began one after the other, in any order", async () => {
    const of = world();
    const first = await of.begun(ada, { account: "one" });
    const cookie = { cookie: first.cookie };
    const second = await of.begun(ada, { account: "two" }, cookie);
    expect(second.cookie).toBe(first.cookie);
    for (const { code, state } of [second, first])
      expect((await of.back({ code, state }, cookie)).status).toBe(200);
    expect(await of.connections()).toHaveLength(2);
  });

  it("gets a cookie of ours for one of another form", async () => {
    const of = world();
    for (const odd of ["short", "x".repeat(44), `${"x".repeat(42)}!`]) {
      const { cookie } = await of.begun(ada, {}, { cookie: `__Host-link=${odd}` });
      expect(cookie).toMatch(/^__Host-link=[A-Za-z0-9_-]{43}$/);
    }
  });

  it("is sent back to where it began, with the connection's id", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada, {}, { returnTo });
    const said = await of.back({ code, state }, { cookie });
    const [row] = await of.connections();
    expect(leads(said)).toEqual({ connection: row?.id });
  });

  it("ends it once, and so does nobody else after it", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada);
    await of.back({ code, state }, { cookie });
    expect((await of.back({ code, state }, { cookie })).status).toBe(422);
    expect(saidOf(await of.post(ada, { code, state }))).toBe("link-expired");
    expect(await of.connections()).toHaveLength(1);
  });

  it("ends it once, however often it comes back at once", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => of.back({ code, state }, { cookie })),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 422)).toHaveLength(19);
    expect(await of.connections()).toHaveLength(1);
  });

  it("is told that access was not granted, and the link is over", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada, {}, { returnTo });
    const said = await of.back({ error: "access_denied", state }, { cookie });
    expect(leads(said)).toEqual({ error: "denied" });
    expect(of.entries).toEqual([]);
    expect(saidOf(await of.post(ada, { code, state }))).toBe("link-expired");
  });

  it.each<[string, Record<string, string>, string]>([
    ["another refusal", { error: "server_error" }, "provider-refused"],
    ["no code", {}, "provider-refused"],
    ["an empty code", { code: "" }, "provider-refused"],
    ["a code beyond all measure", { code: "c".repeat(2_049) }, "provider-refused"],
    ["another issuer", { code: "x", iss: "https://elsewhere.example" }, "provider-refused"],
    ["a signed answer nobody asked for", { code: "x", response: "e30" }, "provider-refused"],
    ["a token in the address", { code: "x", id_token: "e30" }, "provider-refused"],
    ["a code that the provider does not know", { code: "unknown" }, "provider-refused"],
  ])("with %s is told so, and nothing is linked", async (_, more, error) => {
    const of = world();
    const { state, cookie } = await of.begun(ada, {}, { returnTo });
    expect(leads(await of.back({ ...more, state }, { cookie }))).toEqual({ error });
    expect(await of.connections()).toEqual([]);
  });

  it.each(["https://accounts.example", "https://accounts.example/issuer"])(
    "is believed when the provider names itself: %s",
    async (iss) => {
      const of = world();
      const { code, state, cookie } = await of.begun(ada);
      expect((await of.back({ code, state, iss }, { cookie })).status).toBe(200);
    },
  );

  it("is told when another member holds the account, and so is that one", async () => {
    const of = world();
    await of.linked(ben);
    const { code, state, cookie } = await of.begun(ada);
    const said = await of.back({ code, state }, { cookie });
    expect([said.status, title(said)]).toEqual([409, "Not linked"]);
    expect(await of.rows("SELECT side FROM refused_link")).toHaveLength(2);
  });

  it("while the log cannot be reached links nothing, and may come again", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada);
    of.faults.log = true;
    expect((await of.back({ code, state }, { cookie })).status).toBe(503);
    expect(await of.connections()).toEqual([]);
    of.faults.log = false;
    expect((await of.back({ code, state }, { cookie })).status).toBe(200);
  });
});

describe("another browser", () => {
  const others = async (of: ReturnType<typeof world>) => {
    const { cookie } = await of.begun(ben);
    return [null, "", cookie, "__Host-link=", `__Host-link=${"A".repeat(43)}`, `x${cookie}`];
  };

  it("is sent to the app with what it brought; the link stays for the app to end", async () => {
    const of = world();
    const { code, state } = await of.begun(ada, {}, { returnTo });
    for (const cookie of await others(of)) {
      const said = await of.back({ code, state }, { cookie });
      expect(leads(said)).toEqual({ code, state });
      expect(said.headers.get("set-cookie")).toBeNull();
    }
    expect([of.entries, await of.connections()]).toEqual([[], []]);
    expect(saidOf(await of.post(ada, { code, state }))).toBe(201);
  });

  it("is told to go back to its app when there is nowhere to be sent", async () => {
    const of = world();
    const { code, state } = await of.begun(ada);
    const said = await of.back({ code, state });
    expect([said.status, title(said)]).toEqual([200, "Almost done"]);
    expect(saidOf(await of.post(ada, { code, state }))).toBe(201);
  });

  it("cannot end the link by a refusal", async () => {
    const of = world();
    const { code, state } = await of.begun(ada);
    const said = await of.back({ error: "access_denied", state });
    expect([said.status, title(said)]).toEqual([422, "Not linked"]);
    expect(saidOf(await of.post(ada, { code, state }))).toBe(201);
  });

  it("of a victim's never links their account to whoever sent them", async () => {
    const of = world();
    const attacker = await of.begun(ben, { account: "the victim's" });
    const victim = await of.begun(ada);
    await of.back({ code: attacker.code, state: attacker.state }, { cookie: victim.cookie });
    const { code, state } = attacker;
    expect(saidOf(await of.post(ada, { code, state }))).toBe("link-expired");
    expect(await of.connections()).toEqual([]);
  });
});

describe("whoever only looks", () => {
  it("changes nothing, even with the cookie", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada);
    const head = await of.back({ code, state }, { cookie, method: "head" });
    expect(head.status).toBe(200);
    expect([of.entries, await of.connections()]).toEqual([[], []]);
    expect((await of.back({ code, state }, { cookie })).status).toBe(200);
    expect(await of.connections()).toHaveLength(1);
  });
});

describe("a link that is not there", () => {
  it.each<[string, (good: { code: string; state: string }) => Record<string, string>]>([
    ["no state", ({ code }) => ({ code })],
    ["an empty state", ({ code }) => ({ code, state: "" })],
    ["a state nobody made", ({ code }) => ({ code, state: "<script>alert(1)</script>" })],
    ["a state far too long", ({ code, state }) => ({ code, state: state.repeat(100) })],
    ["a refusal without one", () => ({ error: "access_denied", error_description: "<b>" })],
  ])("%s: a page that repeats none of it", async (_, change) => {
    const of = world();
    const good = await of.begun(ada, {}, { returnTo });
    const asked = change(good);
    const said = await of.back(asked, { cookie: good.cookie });
    expect([said.status, title(said)]).toEqual([422, "Not linked"]);
    for (const text of Object.values(asked)) if (text !== "") expect(said.text).not.toContain(text);
    expect(await of.connections()).toEqual([]);
  });

  it("that is over is told apart from none by nobody", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada, {}, { returnTo });
    of.clock.nowMs += 600_000;
    const over = await of.back({ code, state }, { cookie });
    const none = await of.back({ code, state: "none" }, { cookie });
    expect([over.status, over.text]).toEqual([none.status, none.text]);
  });

  it("at this provider, though at another", async () => {
    const of = world();
    const { code, state, cookie } = await of.begun(ada, {}, { name: "garmin" });
    expect((await of.back({ code, state }, { cookie })).status).toBe(422);
    expect((await of.back({ code, state }, { cookie, name: "garmin" })).status).toBe(200);
  });

  it.each(["apple-health", "nobody", "__proto__"])("nor is a provider %s", async (name) => {
    expect(saidOf(await world().back({ code: "c", state: "s" }, { name }))).toBe("not-found");
  });
});

it("a page runs nothing, asks nobody, is kept by nobody and tells nobody where it was", async () => {
  const { headers, text } = await world().back({ code: "c", state: "s" });
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(text).not.toMatch(/<script|src=|https?:/);
});

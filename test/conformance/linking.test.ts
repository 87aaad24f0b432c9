/** Linking an account, and hearing how it is doing: what is asked in a form that it has not got. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrol, linkInBrowser } from "../../local/people.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "../system/support.ts";
import { ask, marker } from "./support.ts";

let own: OwnSystem;
let who: Athlete;
let other: Athlete;

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "linking");
  other = await athlete(own.system, "linking-other");
});
afterAll(() => own?.end());

const post = (body: object, name = "garmin") =>
  ask(own.system, "POST", `/v1/connections/${name}`, {
    token: who.token,
    body: JSON.stringify(body),
  });

describe("beginning, ending a link", () => {
  it.each([
    [{ code: marker }, ["body.state"]],
    [{ state: marker }, ["body.code"]],
    [{ returnTo: `https://${marker}.example/` }, ["body.returnTo"]],
    [{ returnTo: `javascript:${marker}` }, ["body.returnTo"]],
    [{ code: marker, state: marker, returnTo: "https://app.example/" }, ["body.returnTo"]],
    [{ code: marker, state: marker.repeat(9) }, ["body.state"]],
  ])("%j: 400 and where", async (body, fields) => {
    const { status, body: said } = await post(body);
    expect(status).toBe(400);
    expect(said.fields.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  it("that was never begun is 422", async () => {
    const { status, body } = await post({ code: marker, state: marker });
    expect([status, body.type]).toEqual([422, "urn:singlet:problem:link-expired"]);
  });

  it("at a provider that nobody links to is 404", async () => {
    for (const name of ["apple-health", marker, "__proto__"])
      expect((await post({}, name)).status).toBe(404);
  });
});

describe("where browsers come back", () => {
  it.each([
    "",
    `?code=${marker}`,
    `?state=${marker}`,
    `?code=${marker}&state=${marker}`,
    `?code=${marker}&state=${marker}&state=${marker}`,
    `?error=access_denied&error_description=${marker}&state=${marker}`,
    `?error=%3Cscript%3E${marker}&state=%00`,
    `?code=%ff&state=${marker.repeat(100)}`,
  ])("%j: a page, whoever asks", async (query) => {
    for (const method of ["GET", "HEAD"]) {
      const headers = { cookie: `__Host-link=${marker}` };
      const path = `/oauth/google-health/callback${query}`;
      const { status, text, headers: said } = await ask(own.system, method, path, { headers });
      expect(status).toBe(422);
      expect(said.get("content-type")).toBe("text/html; charset=utf-8");
      expect(said.get("set-cookie")).toBeNull();
      if (method === "GET") expect(text).toContain("<h1>Not linked</h1>");
    }
  });

  it("of no provider is 404", async () => {
    for (const name of ["apple-health", marker])
      expect((await ask(own.system, "GET", `/oauth/${name}/callback`)).status).toBe(404);
  });
});

describe("a browser that began a link", () => {
  it("ends it without a token, and its member finds it in the log", async () => {
    const member = await enrol(own.system, "browser", "Browser", ["member"]);
    const linked = await linkInBrowser(own.system, member, "garmin", "garmin-account-browser");
    expect([linked.status, linked.body.includes("<h1>Linked</h1>")]).toEqual([200, true]);
    expect(linked.headers.get("set-cookie")).toBeNull();
    const { token } = member;
    const { body } = await ask(own.system, "GET", "/v1/access-log", { token, mayShow: true });
    const [entry] = body.items.filter(({ deed }: { deed: string }) => deed === "connect");
    expect(entry).toMatchObject({
      outcome: "permitted",
      sentence: "You linked an account to yours.",
    });
    const connections = await ask(own.system, "GET", "/v1/connections", { token });
    expect(connections.body.items).toHaveLength(1);
  });

  it("and is another member's ends nothing", async () => {
    const member = await enrol(own.system, "victim", "Victim", ["member"]);
    const cookie = `__Host-link=${"A".repeat(43)}`;
    const linked = await linkInBrowser(own.system, member, "garmin", "garmin-victim", { cookie });
    expect([linked.status, linked.body.includes("<h1>Almost done</h1>")]).toEqual([200, true]);
    const { body } = await ask(own.system, "GET", "/v1/connections", { token: member.token });
    expect(body.items).toEqual([]);
  });
});

describe("a connection", () => {
  it("is read at once for its own member alone", async () => {
    const { body } = await ask(own.system, "GET", "/v1/connections", { token: who.token });
    const path = `/v1/connections/${body.items[0].id}/sync`;
    expect((await ask(own.system, "POST", path, { token: other.token })).status).toBe(404);
    const now = await ask(own.system, "POST", path, { token: who.token });
    expect([now.status, Number.isNaN(Date.parse(now.body.next))]).toEqual([202, false]);
  });

  it.each(["x", "-1", "1.5", "9".repeat(16), marker])("has no event %j: 400", async (id) => {
    const headers = { "last-event-id": id };
    const said = await ask(own.system, "GET", "/v1/sync-status", { token: who.token, headers });
    expect([said.status, said.body.fields]).toEqual([
      400,
      [{ field: "headers.last-event-id", rule: "invalid_format" }],
    ]);
  });
});

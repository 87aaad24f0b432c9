/** The fake provider as those that sign nothing: what each demands, gives and refuses. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FakedProvider, type FakeProvider, startFakeProvider } from "./provider.ts";

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startFakeProvider();
});
afterAll(() => fake.close());

interface Asking {
  readonly method?: string;
  readonly access?: string;
  readonly headers?: Record<string, string>;
  readonly form?: Record<string, string>;
}
async function ask(path: string, { method, access, headers = {}, form }: Asking = {}) {
  const bearer = access === undefined ? {} : { authorization: `Bearer ${access}` };
  const reply = await fetch(fake.url + path, {
    method: method ?? (form === undefined ? "GET" : "POST"),
    headers: { ...bearer, ...headers },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  const text = await reply.text();
  const body = text === "" ? null : JSON.parse(text);
  return { status: reply.status, headers: reply.headers, text, body };
}

/** Listens at an address of its own for as long as `use` takes. */
async function door<T>(
  answers: (request: IncomingMessage, query: URLSearchParams) => object | number,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const said = answers(request, new URL(request.url ?? "", "http://door").searchParams);
    response.statusCode = typeof said === "number" ? said : 200;
    response.end(typeof said === "number" ? "" : JSON.stringify(said));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return use(url).finally(() => server.close());
}

const redirectUri = "https://singlet.test/back";
function codeOf(provider: FakedProvider, account: string, scope: string): string {
  const asked = new URLSearchParams({
    client_id: `x-${provider}`,
    redirect_uri: redirectUri,
    response_type: "code",
    scope,
  });
  const sent = fake.authorise(`${fake.url}/authorize?${asked}`, account) ?? "";
  return new URL(sent).searchParams.get("code") ?? "";
}
const exchange = (provider: FakedProvider, path: string, account: string, more = {}) =>
  ask(path, {
    form: {
      grant_type: "authorization_code",
      client_id: `x-${provider}`,
      client_secret: "s",
      redirect_uri: redirectUri,
      code: codeOf(provider, account, "a,b"),
      ...more,
    },
  });
const renew = (provider: FakedProvider, path: string, refresh_token: string, more = {}) =>
  ask(path, {
    form: { grant_type: "refresh_token", client_id: `x-${provider}`, refresh_token, ...more },
  });

it("tokens come and are refused in each provider's own words", async () => {
  const strava = await exchange("strava", "/oauth/token", "11");
  expect(strava.body).toMatchObject({ athlete: { id: 11 }, token_type: "Bearer" });
  expect(strava.body.scope).toBeUndefined();
  const spent = await renew("strava", "/oauth/token", "spent");
  expect(spent).toMatchObject({
    status: 400,
    body: { errors: [{ resource: "RefreshToken", field: "refresh_token", code: "invalid" }] },
  });
  const action = { action: "requesttoken" };
  const withings = await exchange("withings", "/v2/oauth2", "12", action);
  expect(withings.body).toMatchObject({ status: 0, body: { userid: "12", scope: "a,b" } });
  const without = await exchange("withings", "/v2/oauth2", "12");
  expect([without.status, without.body.status]).toEqual([200, 2554]);
  const refused = await renew("withings", "/v2/oauth2", "spent", action);
  expect([refused.status, refused.body.status, refused.body.error]).toEqual([
    200,
    503,
    "Invalid Params: invalid refresh_token",
  ]);
});

it("COROS's renewal gives nothing, and the access token that there is lives on", async () => {
  const { body } = await exchange("coros", "/oauth2/accesstoken", "fox");
  expect(body.openId).toBe("fox");
  const bound = () => ask(`/coros/bindState?token=${body.access_token}&openId=fox`);
  expect((await bound()).body).toMatchObject({ result: "0000", data: { bindState: 1 } });
  fake.expireAccessTokens();
  expect((await bound()).body.result).toBe("5006");
  const renewed = await renew("coros", "/oauth2/refresh-token", body.refresh_token);
  expect(renewed.body).toEqual({ result: "0000", message: "OK" });
  expect((await bound()).body.result).toBe("0000");
  const another = await ask(`/coros/bindState?token=${body.access_token}&openId=wolf`);
  expect(another.body.result).toBe("1001");
});

it("COROS lists thirty days at most, and its ids are bare integers", async () => {
  const { access } = fake.issue("coros", "twins");
  const startTime = Date.UTC(2026, 10, 14, 7) / 1000;
  fake.setWorkout("coros", "twins", { labelId: "418173315956375999", startTime });
  const list = (from: string, to: string) =>
    ask(
      `/v2/coros/sport/list?token=${access}&openId=twins&startDate=2026${from}&endDate=2026${to}`,
    );
  expect((await list("1101", "1130")).text).toContain('"labelId":418173315956375999,');
  expect((await list("1101", "1113")).body.data).toEqual([]);
  expect((await list("1101", "1201")).body.result).toBe("1001");
});

const activity = { id: 71, start_date: "2026-11-14T07:30:00Z", calories: 5, device_name: "Watch" };

it("Strava shows public activities to everybody, and streams to their athlete alone", async () => {
  const [own, another] = [fake.issue("strava", "21").access, fake.issue("strava", "22").access];
  const streams = { time: { data: [0] } };
  fake.setWorkout("strava", "21", { ...activity, streams });
  const whole = { ...activity, athlete: { id: 21, resource_state: 1 }, resource_state: 3 };
  const path = "/api/v3/activities/71";
  expect((await ask(path, { access: own })).body).toEqual(whole);
  expect((await ask(path, { access: another })).body).toEqual(whole);
  expect((await ask(`${path}/streams`, { access: another })).status).toBe(404);
  fake.strava.withholdStreams("71", 1);
  expect((await ask(`${path}/streams`, { access: own })).body).toEqual({});
  expect((await ask(`${path}/streams`, { access: own })).body).toEqual(streams);
  const { body } = await ask("/api/v3/athlete/activities?per_page=200", { access: own });
  const { calories: _, device_name: __, ...summary } = whole;
  expect(body).toEqual([{ ...summary, resource_state: 2 }]);
  fake.setWorkout("strava", "21", { ...activity, private: true });
  expect((await ask(path, { access: another })).status).toBe(404);
  expect((await ask(path, { access: own })).status).toBe(200);
});

it("Strava says how much the whole app used, and refuses beyond it", async () => {
  const { access } = fake.issue("strava", "23");
  const before = fake.strava.limits;
  const first = await ask("/api/v3/athlete", { access });
  const used = Number(first.headers.get("x-readratelimit-usage")?.split(",")[0]);
  expect(first.headers.get("x-readratelimit-limit")).toBe("100,1000");
  fake.strava.limits = { quarter: used, day: 1000 };
  const over = await ask("/api/v3/athlete", { access });
  fake.strava.limits = before;
  expect(over.status).toBe(429);
});

it("Strava keeps one subscription, of an address that says the challenge back", async () => {
  const path = "/api/v3/push_subscriptions";
  const app = { client_id: "x-strava", client_secret: "s" };
  const listed = async () => (await ask(`${path}?${new URLSearchParams(app)}`)).body;
  let saysBack = false;
  await door(
    (_, query) => (saysBack ? { "hub.challenge": query.get("hub.challenge") } : 403),
    async (callback_url) => {
      const make = () => ask(path, { form: { ...app, callback_url, verify_token: "word" } });
      expect((await make()).status).toBe(400);
      saysBack = true;
      expect((await ask(path, { form: { callback_url, verify_token: "word" } })).status).toBe(401);
      expect((await make()).status).toBe(201);
      expect((await make()).status).toBe(400);
      expect(await listed()).toMatchObject([{ callback_url }]);
      const [{ id }] = await listed();
      const gone = await ask(`${path}/${id}?${new URLSearchParams(app)}`, { method: "DELETE" });
      expect([gone.status, await listed()]).toEqual([204, []]);
    },
  );
});

it("Withings takes an address that is there by HEAD, for each account by itself", async () => {
  const { access } = fake.issue("withings", "31");
  const told = (callbackurl: string) =>
    ask("/notify", { access, form: { action: "subscribe", callbackurl, appli: "16" } });
  const seen: unknown[] = [];
  await door(
    ({ method }) => {
      seen.push(method);
      return seen.length === 1 ? 404 : 200;
    },
    async (url) => {
      expect((await told(url)).body.status).toBe(293);
      expect((await told(url)).body.status).toBe(0);
      expect(fake.withings.toldOf("31")).toEqual([{ appli: 16, callbackurl: url }]);
    },
  );
  expect([seen, fake.withings.toldOf("32")]).toEqual([["HEAD", "HEAD"], []]);
  const wrong = await ask("/notify", { access: "none", form: { action: "list" } });
  expect([wrong.status, wrong.body.status]).toEqual([200, 401]);
});

it("Withings gives of a workout's data what is named, and Concept2 by its own type alone", async () => {
  const { access } = fake.issue("withings", "33");
  const startdate = Date.UTC(2026, 10, 14, 7) / 1000;
  const data = { calories: 5, distance: 7 };
  fake.setWorkout("withings", "33", { id: 1, startdate, modified: startdate, data });
  const form = { action: "getworkouts", startdateymd: "2026-11-14", enddateymd: "2026-11-14" };
  const { body } = await ask("/v2/measure", { access, form: { ...form, data_fields: "calories" } });
  expect(body.body.series).toMatchObject([{ id: 1, data: { calories: 5 } }]);
  expect(body.body.series[0].data.distance).toBeUndefined();

  const rower = fake.issue("concept2", "41").access;
  const result = { id: 9, date: "2026-11-14 08:30:00", strokes: [{ t: 1, d: 2 }] };
  fake.setWorkout("concept2", "41", result);
  const path = "/api/users/me/results";
  const headers = { accept: "application/vnd.c2logbook.v1+json" };
  expect((await ask(path, { access: rower })).status).toBe(406);
  const page = await ask(`${path}?from=2026-11-14&to=2026-11-14`, { access: rower, headers });
  const { strokes, ...shown } = result;
  expect(page.body.data).toEqual([{ ...shown, user_id: 41, stroke_data: true }]);
  expect(page.body.meta.pagination).toMatchObject({ current_page: 1, total_pages: 1 });
  const its = await ask(`${path}/9/strokes`, { access: rower, headers });
  expect(its.body.data).toEqual(strokes);
});

it("Wahoo lists the newest first, and ends its access", async () => {
  const { access } = fake.issue("wahoo", "51");
  for (const id of [1, 2, 3])
    fake.setWorkout("wahoo", "51", { id, starts: `2026-11-1${id}T07:00:00.000Z` });
  const page = async (n: number) =>
    (await ask(`/v1/workouts?page=${n}&per_page=2`, { access })).body;
  expect(await page(1)).toMatchObject({ workouts: [{ id: 3 }, { id: 2 }], total: 3, page: 1 });
  expect(await page(2)).toMatchObject({ workouts: [{ id: 1 }] });
  expect((await ask("/v1/workouts/4", { access })).status).toBe(404);
  expect((await ask("/v1/permissions", { method: "DELETE", access })).status).toBe(200);
  expect((await ask("/v1/user", { access })).status).toBe(401);
});

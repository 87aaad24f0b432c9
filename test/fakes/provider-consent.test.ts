/** Granting at a browser: a page that asks, runs nothing, and leads where the address did. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FakeProvider, startFakeProvider } from "./provider.ts";

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startFakeProvider();
});
afterAll(() => fake.close());

const back = "http://127.0.0.1:8787/oauth/strava/callback";
const asked = {
  response_type: "code",
  client_id: "local-strava",
  redirect_uri: back,
  scope: "read,activity:read_all",
  state: `st"><script>&'`,
};
const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
const open = (query: Record<string, string>, headers: Record<string, string> = { accept }) =>
  fetch(`${fake.url}/authorize?${new URLSearchParams(query)}`, { headers, redirect: "manual" });

const unescaped = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
/** What a browser would send of the form, by whichever button. */
const filled = (page: string) => {
  const fields = [...page.matchAll(/<input[^>]*? name="([^"]*)"[^>]*?\s+value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, unescaped(value)]));
};

it("says who asks for what, and runs nothing", async () => {
  const page = await open(asked);
  expect([page.status, page.headers.get("content-type")]).toEqual([
    200,
    "text/html; charset=utf-8",
  ]);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  const text = await page.text();
  for (const word of ["Strava", "<li>read</li>", "<li>activity:read_all</li>", "Allow", "Deny"])
    expect(text).toContain(word);
  expect(text).not.toContain("<script");
});

it("leads back with a code by Allow, which is that account's, and denied by Deny", async () => {
  const form = filled(await (await open(asked)).text());
  expect(form).toMatchObject(asked);
  expect(form.account).toMatch(/^\d{9}$/);
  const allowed = new URL((await open(form)).headers.get("location") ?? "");
  expect(allowed.origin + allowed.pathname).toBe(back);
  expect(allowed.searchParams.get("state")).toBe(asked.state);
  const code = allowed.searchParams.get("code") ?? "";
  const body = new URLSearchParams({
    ...{ grant_type: "authorization_code", code, redirect_uri: back },
    ...{ client_id: "local-strava", client_secret: "s" },
  });
  const given = await fetch(`${fake.url}/oauth/token`, { method: "POST", body });
  expect(await given.json()).toMatchObject({ athlete: { id: Number(form.account) } });
  const denied = new URL((await open({ ...form, deny: "1" })).headers.get("location") ?? "");
  expect(Object.fromEntries(denied.searchParams)).toEqual({
    state: asked.state,
    error: "access_denied",
  });
});

it("offers another account each time, and is shown to no script", async () => {
  const accounts = await Promise.all(
    [1, 2, 3].map(async () => filled(await (await open(asked)).text()).account),
  );
  expect(new Set(accounts).size).toBe(3);
  expect((await open(asked, {})).status).toBe(400);
  expect((await open(asked, { accept: "application/json" })).status).toBe(400);
  expect((await open({ ...asked, account: "7" })).status).toBe(302);
});

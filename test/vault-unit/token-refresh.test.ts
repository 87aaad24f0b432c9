/** A renewal of tokens: once for all who ask, and known for what it is when its answer is lost. */
import { describe, expect, test, vi } from "vitest";
import type { ProviderReply } from "../../domain/ports.ts";
import { shardAt } from "../../workers/vault/env.ts";
import { type Line, openTokens, sealTokens } from "../../workers/vault/provider-line.ts";
import { linkAccount } from "../../workers/vault/provider-link.ts";
import { requestOf } from "../../workers/vault/provider-request.ts";
import { retractRows } from "../../workers/vault/sealed-store.ts";
import { nextRevision } from "../../workers/vault/token-refresh.ts";
import { anotherHost, connection, homeIn, host, hostEach } from "./account-line.ts";
import {
  type Fault,
  hangUp,
  instead,
  lost,
  pageRequest,
  status,
  tokenPath,
  withTokens,
} from "./token-host.ts";
import { makeWorld, type World } from "./world.ts";

const minuteMs = 60_000;

hostEach();

const home = (gate?: () => Promise<void>) => homeIn(makeWorld(gate === undefined ? {} : { gate }));
/** Another isolate over the same stores. */
async function elsewhere(world: World, line: Line): Promise<Line> {
  const shards = world.restarted();
  const shard = (await shards.directory.shardOf(line.member)) ?? -1;
  return { ...line, vault: shardAt(shards, shard) };
}
const later = (ms: number) => {
  const nowMs = Date.now() + ms;
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(nowMs);
};
const good = { status: 200, body: '{"page":1}', complete: true, fault: null };
const tokensAsked = () => host.asked.filter(({ path }) => path === tokenPath);
const shownOf = (said: unknown) => JSON.stringify(said);
const shows = (said: unknown) =>
  ["refresh-first", "access-0", "secret of the client", ...host.given].some((secret) =>
    shownOf(said).includes(secret),
  );

describe("a hundred requests at once", () => {
  test.each([1, 4])("from %i isolates renew a token once, and all are answered", async (n) => {
    const { world, line } = await home(() => new Promise((resolve) => setImmediate(resolve)));
    await withTokens(line, host);
    const lines = await Promise.all(Array.from({ length: n }, () => elsewhere(world, line)));
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, i) => requestOf(lines[i % n] as Line, pageRequest)),
    );
    for (const reply of replies) expect(reply).toMatchObject(good);
    expect(tokensAsked()).toHaveLength(1);
    expect(host.refreshes).toBe(1);
    expect(await openTokens(line)).toMatchObject({ refresh: host.refresh });
  });

  test("renew once when the provider takes a living token no more, and may be made again", async () => {
    const { line } = await home();
    await withTokens(line, host, true);
    host.expire();
    const ask = () => requestOf(line, pageRequest);
    const replies = await Promise.all(Array.from({ length: 100 }, ask));
    for (const reply of replies) expect(reply).toMatchObject({ status: 401, renewed: true });
    expect(await ask()).toMatchObject(good);
    expect(host.refreshes).toBe(1);
  });

  test("renew once where tokens live for a moment only", async () => {
    host.expiresIn = 20;
    const { line } = await home();
    await withTokens(line, host);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => requestOf(line, pageRequest)),
    );
    for (const reply of replies) expect(reply).toMatchObject(good);
    expect(host.refreshes).toBe(1);
  });

  test.each([
    ["an ended grant", 400, { error: "invalid_grant" }, { failed: "grant-ended" }],
    ["a provider that is down", 503, {}, { status: 503, complete: false }],
  ])("hear of %s from the one that asked", async (_, code, body, answer) => {
    const { line } = await home();
    await withTokens(line, host);
    const wait: Fault = (response, asked) =>
      void setTimeout(() => status(code, body)(response, asked), 500);
    host.token.push(...Array.from({ length: 100 }, () => instead(wait)));
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => requestOf(line, pageRequest)),
    );
    for (const reply of replies) expect(reply).toMatchObject(answer);
    expect(tokensAsked()).toHaveLength(1);
  });
});

describe("while the access token still holds", () => {
  const dueSoon = async (line: Line) => {
    const of = { access: "access-0", refresh: host.refresh, expiresAtMs: Date.now() + 30_000 };
    await sealTokens(line, of, Date.now());
  };

  test.each([
    ["is down", instead(status(503))],
    ["hangs up", instead(hangUp)],
    ["says that the grant ended", instead(status(400, { error: "invalid_grant" }))],
  ])("it is used where the host of tokens %s", async (_, next) => {
    const { line } = await home();
    await dueSoon(line);
    host.token.push(next);
    expect(await requestOf(line, pageRequest)).toMatchObject(good);
    expect(tokensAsked()).toHaveLength(1);
  });

  test("it is used by those who would have to wait for a renewal", async () => {
    const { line } = await home();
    await dueSoon(line);
    await nextRevision(line);
    expect(await requestOf(line, pageRequest)).toMatchObject(good);
    expect(tokensAsked()).toHaveLength(0);
  });
});

const losses: readonly (readonly [string, Fault])[] = [
  ["breaks off", hangUp],
  ["comes as a 502", status(502)],
  [
    "is cut short",
    (r) => r.writeHead(200, { "content-length": "999" }).write("{", () => r.destroy()),
  ],
  ["is a page for people", (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>")],
  ["names no token", status(200, { token_type: "bearer" })],
];

describe.each(losses)("an answer with new tokens that %s", (_, fault) => {
  test("is had by asking again, where the provider takes the old one once more", async () => {
    const { line } = await home();
    await withTokens(line, host);
    host.grace = true;
    host.token.push(lost(fault));
    const first = (await requestOf(line, pageRequest)) as ProviderReply;
    expect(first.complete).toBe(false);
    expect(first.status === 0 || first.status >= 500 || first.fault !== null).toBe(true);
    expect(await requestOf(line, pageRequest)).toMatchObject(good);
    expect(host.refreshes).toBe(2);
    host.refresh = null;
    host.expire();
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  });

  test("is told to the member as lost where it does not", async () => {
    const { line } = await home();
    await withTokens(line, host);
    host.token.push(lost(fault));
    await requestOf(line, pageRequest);
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "refresh-lost" });
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "refresh-lost" });
  });
});

describe("what the host of tokens says", () => {
  test("of the grant is that it ended, when no answer was lost before", async () => {
    const { line } = await home();
    await withTokens(line, host);
    host.refresh = null;
    const said = await requestOf(line, pageRequest);
    expect(said).toEqual({ failed: "grant-ended" });
  });

  test.each([
    [400, { error: "invalid_client" }],
    [401, { error: "invalid_client" }],
    [403, {}],
    [404, { error: "not_found" }],
    [400, "no JSON of any error"],
  ])("of ourselves (%i %j) says nothing of the grant, nor of the member", async (code, body) => {
    const { line } = await home();
    await withTokens(line, host);
    host.token.push(instead(status(code, body)));
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 0, fault: "wrong-type" });
    expect(await requestOf(line, pageRequest)).toMatchObject(good);
    host.refresh = null;
    host.expire();
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  });

  test("of waiting is handed on", async () => {
    const { line } = await home();
    await withTokens(line, host);
    host.token.push(instead(status(429, {}, { "retry-after": "7" })));
    const reply = await requestOf(line, pageRequest);
    expect(reply).toMatchObject({ status: 429, retryAfterMs: 7_000, body: "" });
    host.refresh = null;
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  });

  test("without a new refresh token leaves the old one", async () => {
    const { line } = await home();
    await withTokens(line, host);
    const before = host.refresh;
    host.extra = { refresh_token: undefined };
    expect(await requestOf(line, pageRequest)).toMatchObject(good);
    expect(await openTokens(line)).toMatchObject({ refresh: before });
  });

  test("is never shown, whatever it repeats", async () => {
    const { line } = await home();
    await withTokens(line, host);
    const echo: Fault = (response, { body }) => status(500, { asked: body })(response, {} as never);
    host.token.push(instead(echo));
    const replies: unknown[] = [await requestOf(line, pageRequest)];
    const mirror: Fault = (response, { authorization }) =>
      status(200, { authorization }, { "x-echo": authorization })(response, {} as never);
    host.page.push(instead(mirror));
    replies.push(await requestOf({ ...line, keep: ["x-echo"] }, pageRequest));
    expect(replies).toMatchObject([{ status: 500 }, { body: "", complete: false, headers: {} }]);
    expect(shows(replies)).toBe(false);
  });
});

describe("a 401", () => {
  test("to tokens that were just renewed is the answer, and nothing is renewed again", async () => {
    const { line } = await home();
    await withTokens(line, host);
    host.page.push(instead(status(401)), instead(status(401)));
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 401 });
    expect(host.refreshes).toBe(1);
  });

  test("is not taken for the grant's end while the host of tokens is down", async () => {
    const { line } = await home();
    await withTokens(line, host, true);
    host.expire();
    host.token.push(instead(status(500)));
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 500 });
  });
});

test("whose the tokens are stays with them when they are renewed", async () => {
  const { line } = await home();
  const of = { access: "access-old", refresh: host.refresh, expiresAtMs: Date.now() - minuteMs };
  await sealTokens(line, { ...of, account: "account-1" }, Date.now());
  expect(await requestOf(line, pageRequest)).toMatchObject(good);
  expect(await openTokens(line)).toMatchObject({ refresh: host.refresh, account: "account-1" });
});

test("without tokens there is nothing to ask with", async () => {
  const { line } = await home();
  expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  await withTokens(line, host);
  const gone = { id: connection as never, revision: Number.MAX_SAFE_INTEGER, retracted: true };
  await retractRows(line.vault, line.member, [gone as never], Date.now());
  expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  expect(host.asked).toHaveLength(0);
});

describe("tokens of a grant that was given meanwhile", () => {
  const grant = { code: "good", state: "s", redirectUri: "https://app.test/back" };
  const words = { verifier: "v".repeat(43), enrol: "word" };

  test("are not overwritten by a renewal that began before and ends after", async () => {
    const { line } = await home();
    await withTokens(line, host);
    let answer = () => {};
    const isAsked = new Promise<void>((asked) => {
      const wait: Fault = (response) => {
        const body = { access_token: "late-access", refresh_token: "late", token_type: "bearer" };
        answer = () => status(200, body)(response, {} as never);
        asked();
      };
      host.token.push(instead(wait));
    });
    const renewing = requestOf(line, pageRequest);
    await isAsked;
    expect(await linkAccount(line, grant, words)).toMatchObject({ account: "account-1" });
    const linked = await openTokens(line);
    answer();
    await renewing;
    expect(await openTokens(line)).toEqual(linked);
  });

  test("have greater revisions each time, within one millisecond and by a clock behind", async () => {
    const { line } = await home();
    later(0);
    const seen: number[] = [];
    for (const ms of [0, 0, -minuteMs, 0]) {
      later(ms);
      await linkAccount(line, grant, words);
      const tokens = await openTokens(line);
      if ("revision" in tokens) seen.push(tokens.revision);
      expect(tokens).toMatchObject({ refresh: host.refresh });
    }
    expect(new Set(seen).size).toBe(4);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test("are not said to be lost for an answer that was lost before", async () => {
    const { line } = await home();
    await withTokens(line, host);
    host.token.push(lost());
    await requestOf(line, pageRequest);
    await linkAccount(line, grant, words);
    host.refresh = null;
    host.expire();
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  });
});

test("whoever waits for one that crashed takes its place when the lease runs out", async () => {
  const { world, line } = await home();
  await withTokens(line, host);
  await nextRevision(await elsewhere(world, line));
  let isAnswered = false;
  const waiting = requestOf(line, pageRequest).finally(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([isAnswered, host.asked.length]).toEqual([false, 0]);
  later(21_000);
  expect(await waiting).toMatchObject(good);
  expect(host.refreshes).toBe(1);
});

/** Everything that is asked of a store from the nth call on fails: the isolate is gone. */
describe("a crash before the nth call to a store", () => {
  const crashing = async (n: number, grace: boolean) => {
    let calls = 0;
    let isArmed = false;
    const { world, line } = await home(async () => {
      if (isArmed && ++calls > n) throw new Error("crashed");
    });
    await withTokens(line, host);
    host.grace = grace;
    isArmed = true;
    const first = await requestOf(line, pageRequest).catch(() => null);
    isArmed = false;
    later(minuteMs);
    const after = await requestOf(await elsewhere(world, line), pageRequest);
    return { first, after, calls, refreshes: host.refreshes };
  };

  test.each([true, false])("costs no token that the provider still takes: %s", async (grace) => {
    const seen: string[] = [];
    for (let n = 0; ; n++) {
      const { first, after, calls, refreshes } = await crashing(n, grace);
      vi.useRealTimers();
      const isTwice = refreshes > 1 || (!grace && "failed" in after);
      if (isTwice && !grace) expect(after).toEqual({ failed: "refresh-lost" });
      else expect(after).toMatchObject(good);
      seen.push(isTwice ? "lost" : "kept");
      if (first !== null && calls <= n) break;
      host.refresh = "refresh-first-yyyyyyyyyyyy";
      await host.close();
      await anotherHost();
    }
    expect(seen.at(0)).toBe("kept");
    expect(seen).toContain("lost");
    expect(seen.at(-1)).toBe("kept");
  });
});

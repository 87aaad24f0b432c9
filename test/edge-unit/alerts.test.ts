/**
 * Alerts over the real table and a webhook on this machine: each matter is told once and its end
 * once, what the webhook did not take is told again, and whoever gets it can check who sent it.
 */
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GateStatus } from "../../domain/ports.ts";
import { gates } from "../fakes/gates.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const { raiseAlerts, readAlerts } = await load("alerts.ts");
const { signed } = await load("alert-webhook.ts");
const { apart, dropExpiredLinks, tend } = await load("sweep.ts");

const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const minute = 60_000;
const day = 86_400_000;
const startMs = Date.UTC(2026, 10, 21, 12);
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let received: Received[];
/** What the webhook answers, one after the other; 204 when there is no more. */
let answers: { status: number; headers?: Record<string, string> }[];
let url: string;

beforeEach(async () => {
  received = [];
  answers = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    const { status, headers = {} } = answers.shift() ?? { status: 204 };
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function world() {
  const db = sqliteD1(warehouse);
  const { said, tended, GATE } = gates();
  const state = { nowMs: startMs, queueDepth: 0 as number | Error };
  const points: unknown[] = [];
  const env = {
    WAREHOUSE: db,
    GATE,
    METER: { writeDataPoint: (point: unknown) => points.push(point) },
    CHANGES: {
      metrics: async () => {
        if (state.queueDepth instanceof Error) throw state.queueDepth;
        return { backlogCount: state.queueDepth, backlogBytes: 0 };
      },
    },
    ALERT_URL: url as string | undefined,
    ALERT_SECRET: secret as string | undefined,
  };
  const run = async () => {
    state.nowMs += 5 * minute;
    await raiseAlerts(env, state.nowMs);
  };
  const put = (member: string, over: Record<string, string | number | null> = {}) => {
    const row = { provider: "garmin", state: "behind", behind: startMs - 3 * 60 * minute, ...over };
    return db
      .prepare(
        `INSERT INTO connection_status (connection, member, provider, state, behind_since, body, changed_at)
         VALUES (?, ?, ?, ?, ?, '{}', 0)`,
      )
      .bind(`con-${member}-${row.provider}`, member, row.provider, row.state, row.behind)
      .run();
  };
  return { db, env, said, tended, state, points, run, put };
}

const open: Partial<GateStatus> = { breaker: "open", openSinceMs: startMs };
const told = () => received.map(({ body }) => JSON.parse(body));
const types = () => told().map(({ type, data }) => `${type} ${data.name}`);
const ids = () => received.map(({ headers }) => headers["webhook-id"]);

describe("a matter", () => {
  it("is told once while it stands, and its end once", async () => {
    const { said, run } = world();
    await run();
    expect(received).toEqual([]);
    said.set("garmin", open);
    for (let i = 0; i < 3; i++) await run();
    expect(types()).toEqual(["alert.began breaker-open:garmin"]);
    said.delete("garmin");
    for (let i = 0; i < 3; i++) await run();
    expect(types().slice(1)).toEqual(["alert.ended breaker-open:garmin"]);
    expect(told()).toMatchObject([
      { timestamp: "2026-11-21T12:10:00.000Z", data: { ended: null } },
      {
        timestamp: "2026-11-21T12:25:00.000Z",
        data: { since: "2026-11-21T12:10:00.000Z", ended: "2026-11-21T12:25:00.000Z" },
      },
    ]);
  });

  it("that comes again is told again, as another one", async () => {
    const { said, run } = world();
    for (const gate of [open, {}, open]) {
      said.set("garmin", gate);
      await run();
    }
    expect(types().map((type) => type.split(" ")[0])).toEqual([
      "alert.began",
      "alert.ended",
      "alert.began",
    ]);
    expect(new Set(ids()).size).toBe(3);
  });

  it("whose number changes still is the same", async () => {
    const { said, run, db } = world();
    const budgets = (used: number) => [{ window: "day", windowMs: day, limit: 100, used }];
    for (const used of [80, 91, 99]) {
      said.set("garmin", { budgets: budgets(used) });
      await run();
    }
    expect(told().map(({ data }) => data.value)).toEqual([80]);
    const [row] = await readAlerts(db);
    expect([row.value, row.since]).toEqual([99, startMs + 5 * minute]);
  });

  it.each([[{ status: 500 }], [{ status: 404 }], [{ status: 302, headers: { location: "/ok" } }]])(
    "that the webhook does not take (%j) is told again, under the same id",
    async (refusal) => {
      const { said, run } = world();
      said.set("garmin", open);
      answers = [refusal, refusal];
      for (let i = 0; i < 5; i++) await run();
      expect(ids()).toHaveLength(3);
      expect(new Set(ids()).size).toBe(1);
    },
  );

  it("that ended before anybody could be told is told as ended", async () => {
    const { said, run } = world();
    answers = [{ status: 503 }];
    for (const gate of [open, {}, {}]) {
      said.set("garmin", gate);
      await run();
    }
    expect(types()).toEqual(["alert.began breaker-open:garmin", "alert.ended breaker-open:garmin"]);
  });

  it("that one refuses does not hold up the others; nobody there does", async () => {
    const { said, run, env, db } = world();
    said.set("garmin", { ...open, budgets: [{ window: "day", windowMs: day, limit: 1, used: 1 }] });
    answers = [{ status: 400 }];
    await run();
    expect(received).toHaveLength(2);
    const rows = await readAlerts(db);
    expect(rows.filter((row: { told_at: number | null }) => row.told_at === null)).toHaveLength(1);
    env.ALERT_URL = "http://127.0.0.1:1/";
    await run();
    env.ALERT_URL = url;
    await run();
    expect([received.length, new Set(ids()).size]).toEqual([3, 2]);
  });

  it("is told though many others are refused again and again", async () => {
    const { db, run } = world();
    for (let i = 0; i < 30; i++)
      await db
        .prepare("INSERT INTO alert (name, since, value, ended_at) VALUES (?, ?, 1, ?)")
        .bind(`refused-${String(i).padStart(2, "0")}`, i, startMs)
        .run();
    answers = Array.from({ length: 40 }, () => ({ status: 400 }));
    for (let i = 0; i < 2; i++) await run();
    expect(received).toHaveLength(40);
    expect(new Set(ids()).size).toBe(30);
  });

  it("is kept where there is no webhook, and told when there is one", async () => {
    const { said, run, env, db } = world();
    said.set("garmin", open);
    env.ALERT_URL = undefined;
    await run();
    expect(await readAlerts(db)).toHaveLength(1);
    for (const bad of [undefined, "", "whsec_", "whsec_!!", "whsec_c2hvcnQ="]) {
      env.ALERT_URL = url;
      env.ALERT_SECRET = bad;
      await run();
    }
    expect(received).toEqual([]);
    env.ALERT_SECRET = secret;
    await run();
    expect(types()).toEqual(["alert.began breaker-open:garmin"]);
  });

  it("that ended is shown for a week", async () => {
    const { said, run, db, state } = world();
    for (const gate of [open, {}]) {
      said.set("garmin", gate);
      await run();
    }
    state.nowMs += 7 * day - 10 * minute;
    await run();
    expect(await readAlerts(db)).toHaveLength(1);
    state.nowMs += 10 * minute;
    await run();
    expect(await readAlerts(db)).toEqual([]);
  });

  it("does not end because its gate is silent, and does not hide another's", async () => {
    const { said, run } = world();
    said.set("garmin", open);
    await run();
    said.set("garmin", null);
    said.set("google-health", open);
    for (let i = 0; i < 2; i++) await run();
    expect(types()).toEqual([
      "alert.began breaker-open:garmin",
      "alert.began breaker-open:google-health",
    ]);
  });
});

describe("what is looked at", () => {
  it("members behind for more than two hours, each counted once", async () => {
    const { run, put } = world();
    for (let i = 0; i < 100; i++) {
      await put(`m${i}`);
      await put(`m${i}`, { provider: "google-health" });
    }
    await put("back-soon", { behind: startMs });
    await put("never", { state: "connected", behind: null });
    await put("own-turn", { state: "needs-reconnecting" });
    await run();
    expect(received).toEqual([]);
    await put("m100", { state: "backfilling" });
    await run();
    expect(told()[0].data).toMatchObject({ name: "members-behind", value: 101, threshold: 100 });
  });

  it("what waits for the archive, where that is known", async () => {
    const { run, state } = world();
    for (const depth of [10_000, 10_001, new Error("not here"), 3]) {
      state.queueDepth = depth;
      await run();
    }
    expect(types()).toEqual(["alert.began queue-depth", "alert.ended queue-depth"]);
    expect(told()[1].timestamp).toBe("2026-11-21T12:20:00.000Z");
  });

  it("goes to Analytics Engine, a point for each gate and budget", async () => {
    const { run, put, points } = world();
    await put("m1");
    await run();
    expect(points).toContainEqual({
      indexes: ["garmin"],
      blobs: ["gate", "closed", ""],
      doubles: [1, 1, 185 * minute, 120, 300, 900, 0, 0, 0, 39, 0, 1, 0, 0, 0, 0, 0],
    });
    expect(points).toContainEqual({
      indexes: ["garmin"],
      blobs: ["budget", "day"],
      doubles: [40, 5_000],
    });
  });
});

describe("a message", () => {
  it("is signed as its receiver can check, over what was sent", async () => {
    const { said, run, state } = world();
    said.set("garmin", open);
    await run();
    const { headers, body } = received[0] ?? { headers: {}, body: "" };
    const id = String(headers["webhook-id"]);
    const timestamp = String(headers["webhook-timestamp"]);
    expect([Number(timestamp), headers["content-type"]]).toEqual([
      state.nowMs / 1000,
      "application/json",
    ]);
    expect(id).toMatch(/^[\w:-]+$/);
    const mac = createHmac("sha256", Buffer.alloc(32, 7)).update(`${id}.${timestamp}.${body}`);
    expect(headers["webhook-signature"]).toBe(`v1,${mac.digest("base64")}`);
  });

  // libraries' own vector, in github.com/standard-webhooks/standard-webhooks
  it.each(["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])(
    "has the signature that the specification's libraries expect: %s",
    async (key) => {
      const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' };
      expect(await signed(key, message, 1_614_265_330_999)).toBe(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      );
    },
  );
});

describe("what the edge does by itself", () => {
  it("drops links whose time is over, and no others", async () => {
    const { db, env } = world();
    const begin = (state: string, expiresMs: number) =>
      db
        .prepare("INSERT INTO authorisation VALUES (?, 'm', 'garmin', 'b', NULL, ?, NULL)")
        .bind(state, expiresMs)
        .run();
    await begin("over", startMs);
    await begin("later", startMs + 1);
    await dropExpiredLinks(env, startMs);
    const { results } = await db.prepare("SELECT state FROM authorisation ORDER BY state").all();
    expect(results.map(({ state }) => state)).toEqual(["later"]);
  });

  it("sees to subscriptions of those that have any, whatever becomes of one", async () => {
    const { env, said, tended } = world();
    const { gated } = await load("provider-figures.ts");
    const expected = gated
      .filter((p: { subscription?: unknown }) => p.subscription !== undefined)
      .map((p: { name: string }) => p.name);
    for (const name of expected.slice(0, 1)) said.set(name, null);
    await tend(env);
    expect(tended.sort()).toEqual(expected.sort());
  });

  it("goes on when one thing fails", async () => {
    let isDone = false;
    const failing = apart("a thing", async () => {
      throw new Error("down");
    });
    const another = apart("another", async () => {
      isDone = true;
    });
    await Promise.all([failing, another]);
    expect(isDone).toBe(true);
  });
});

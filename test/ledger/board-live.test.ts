/** Those who watch a board are told when it changed, not more than once a second, and nothing else. */
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LiveMessage } from "../../durable-objects/board-live.ts";
import { everybody, type LoneBoards, nothingOf, scored, startBoards } from "./lone-boards.ts";

let boards: LoneBoards;
beforeAll(async () => {
  boards = await startBoards();
});
afterAll(() => boards.end());

/** Of one who listens, in one object. */
const socketsOfOneMax = 100;
const patienceMs = 30_000;
const stepMs = 20;

async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += stepMs) {
    if (waitedMs > patienceMs) throw new Error("it never happened");
    await sleep(stepMs);
  }
}

interface Watching {
  readonly pages: LiveMessage["page"][];
  readonly said: string[];
  readonly socket: WebSocket;
  /** Null: it is still open. */
  closed: number | null;
}

const urlOf = (hub: string, limit: number, ranking: unknown = everybody) => {
  const query = new URLSearchParams({ ranking: JSON.stringify(ranking), limit: String(limit) });
  return `${boards.url}/live/${encodeURIComponent(hub)}?${query}`;
};

async function watch(hub: string, limit = 10): Promise<Watching> {
  const socket = new WebSocket(urlOf(hub, limit));
  const watching: Watching = { pages: [], said: [], socket, closed: null };
  socket.addEventListener("message", ({ data }) => {
    watching.said.push(data);
    if (data.startsWith("{")) watching.pages.push((JSON.parse(data) as LiveMessage).page);
  });
  socket.addEventListener("close", ({ code }) => {
    watching.closed = code;
  });
  await until(() => watching.pages.length > 0);
  return watching;
}

const membersOf = (page: LiveMessage["page"] | undefined) => page?.items.map((i) => i.member);

describe("who watches a board", () => {
  test("is told what it is at once, and what it becomes, with names", async () => {
    await boards.put("told", scored("mem_a", 1, 5), scored("mem_b", 1, 9));
    const { pages, socket } = await watch("told/distance/all/0");
    const at = "1970-01-01T00:00:00.001Z";
    const [a, b] = [
      { member: "mem_a", name: "MEM_A", score: 5 },
      { member: "mem_b", name: "MEM_B", score: 9 },
    ];
    expect(pages[0]).toMatchObject({ items: [b, a].map((e, i) => ({ ...e, rank: i + 1 })) });
    expect(pages[0]?.total).toBe(2);
    expect(Date.parse(pages[0]?.items[0]?.at ?? "")).toBe(Date.parse(at));
    await boards.put("told", scored("mem_a", 2, 12));
    await until(() => pages.length > 1);
    expect(pages[1]?.items[0]).toMatchObject({ ...a, score: 12, rank: 1 });
    await boards.put("told", nothingOf("mem_b", 2));
    await until(() => pages.length > 2);
    expect(pages[2]).toMatchObject({ items: [{ member: "mem_a" }], total: 1 });
    socket.close();
  });

  test("is told once what changed often, and nothing while nothing changes", async () => {
    const watching = await watch("often/distance/all/0");
    const startedMs = performance.now();
    let version = 0;
    while (performance.now() - startedMs < 3_500)
      await boards.put("often", scored("mem_a", ++version));
    await until(() => watching.pages.at(-1)?.items[0]?.score === version);
    const seconds = (performance.now() - startedMs) / 1000;
    expect(version).toBeGreaterThan(watching.pages.length);
    expect(watching.pages.length).toBeLessThanOrEqual(Math.ceil(seconds) + 2);
    const told = watching.pages.length;
    await boards.put("often", scored("mem_a", version - 1));
    await sleep(4_000);
    expect(watching.pages).toHaveLength(told);
    watching.socket.close();
  });

  test("is told all of it though others came before, each as many as they asked for", async () => {
    await boards.put("many", ...[1, 2, 3, 4].map((n) => scored(`mem_${n}`, n)));
    const first = await watch("many/distance/all/0", 3);
    const second = await watch("many/distance/all/0", 1);
    expect(membersOf(first.pages[0])).toEqual(["mem_4", "mem_3", "mem_2"]);
    expect(membersOf(second.pages[0])).toEqual(["mem_4"]);
    // Below what the second watches.
    await boards.put("many", scored("mem_2", 9, 2));
    await until(() => first.pages.length > 1);
    expect(second.pages).toHaveLength(1);
    await boards.put("many", scored("mem_3", 9, 50));
    await until(() => second.pages.length > 1 && first.pages.length > 2);
    expect(membersOf(second.pages[1])).toEqual(["mem_3"]);
    for (const { socket } of [first, second]) socket.close();
  });

  test("is told nothing twice after the object was out of memory, and hears what changes then", async () => {
    await boards.put("slept", scored("mem_a", 1));
    const { pages, socket } = await watch("slept/distance/all/0");
    for (let times = 0; times < 3; times++) {
      await boards.evict("live", "shard", "root");
      await sleep(1_000);
    }
    expect(pages).toHaveLength(1);
    await boards.put("slept", scored("mem_a", 2));
    await until(() => pages.length > 1);
    expect(pages[1]?.items).toMatchObject([{ score: 2 }]);
    socket.close();
  });

  test("keeps the object awake no longer than they watch", async () => {
    const hub = "awake/distance/all/0";
    const alarm = async () => (await boards.ask("live", hub, ["getAlarm"])).answers[0];
    const { socket } = await watch(hub);
    expect(await alarm()).not.toBeNull();
    socket.close();
    for (let waitedMs = 0; (await alarm()) !== null; waitedMs += 100) {
      expect(waitedMs).toBeLessThan(patienceMs);
      await sleep(100);
    }
  });

  test("may say ping, and is shown the door for saying much else", async () => {
    const polite = await watch("polite/distance/all/0");
    polite.socket.send("ping");
    await until(() => polite.said.includes("pong"));
    polite.socket.send("hello");
    const long = await watch("polite/distance/all/0");
    long.socket.send("x".repeat(2_000));
    await until(() => long.closed === 1009);
    const busy = await watch("polite/distance/all/0");
    for (let i = 0; i < 30; i++) busy.socket.send("hello");
    await until(() => busy.closed === 1008);
    polite.socket.send("ping");
    await until(() => polite.said.filter((text) => text === "pong").length === 2);
    expect(polite.closed).toBeNull();
    polite.socket.close();
  });

  test.each([
    ["what is no upgrade", 426, everybody, 10, {}],
    ["no ranking", 400, null, 10, { upgrade: "websocket" }],
    ["half a ranking", 400, { period: "all" }, 10, { upgrade: "websocket" }],
    ["no limit", 400, everybody, 0, { upgrade: "websocket" }],
    ["too much", 400, everybody, 101, { upgrade: "websocket" }],
  ])("is refused with %s", async (_, status, ranking, limit, headers) => {
    const url = urlOf("refused/distance/all/0", limit, ranking).replace("ws:", "http:");
    expect(await statusOf(url, headers as Record<string, string>)).toBe(status);
  });

  test("is refused when one alone has as many sockets as one may, and others are not", async () => {
    const from = (name: string) => `${urlOf("crowd/distance/all/0", 1)}&from=${name}`;
    const open = (name: string) =>
      new Promise<WebSocket>((opened, failed) => {
        const socket = new WebSocket(from(name));
        socket.addEventListener("open", () => opened(socket));
        socket.addEventListener("error", failed);
      });
    const sockets = await Promise.all(Array.from({ length: socketsOfOneMax }, () => open("one")));
    const knock = (name: string) =>
      statusOf(from(name).replace("ws:", "http:"), { upgrade: "websocket" });
    expect(await knock("one")).toBe(503);
    sockets.push(await open("another"));
    for (const socket of sockets) socket.close();
  });

  test("is refused where another ranking is watched", async () => {
    const { socket } = await watch("same/distance/all/0");
    const url = urlOf("same/distance/all/0", 10, { ...everybody, measure: 1 });
    const refused = await statusOf(url.replace("ws:", "http:"), { upgrade: "websocket" });
    expect(refused).toBe(400);
    socket.close();
  });
});

/** `fetch` sends no upgrade. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const connection = headers.upgrade === undefined ? {} : { connection: "upgrade" };
  const key = { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==", "sec-websocket-version": "13" };
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { ...headers, ...connection, ...key } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
  });
}

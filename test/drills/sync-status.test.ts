/** A member watches: what their connections do is told as it happens, and after a break made up for. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { enrol, link, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { googleExercise } from "../fakes/rides.ts";
import { type OwnSystem, ownSystem } from "../system/support.ts";
import { googleLists, quiet, type Shown } from "./connection-drill.ts";
import { withinAMinute } from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own.end());
afterEach(() => {
  system.provider.faults = {};
});

const account = "google-account-watched";
const startMs = Date.now() - 3 * 86_400_000;
/** Long enough that nobody who looks every ten seconds misses what happens meanwhile. */
const slowMs = 4_000;
const ridesAtOnce = 100;

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Shown;
}

/** Hears events until it is closed. */
async function listen(who: Person, lastId?: string) {
  const stop = new AbortController();
  const headers = {
    authorization: `Bearer ${who.token}`,
    ...(lastId === undefined ? {} : { "last-event-id": lastId }),
  };
  const answer = await fetch(`${system.url}/v1/sync-status`, { headers, signal: stop.signal });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const heard: Event[] = [];
  const reading = (async () => {
    let text = "";
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const fields = new Map(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        text = text.slice(end + 2);
        const data = fields.get("data");
        if (data === undefined) continue;
        const { id = "", event = "" } = Object.fromEntries(fields);
        heard.push({ id, event, data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined);
  return {
    heard,
    async close() {
      stop.abort();
      await reading;
      return heard.at(-1)?.id ?? "";
    },
  };
}

/** Rides at the provider, and its word that there are. */
async function announce(n: number, rides = 1): Promise<void> {
  for (let i = 0; i < rides; i++) {
    const ride = {
      account,
      id: String(980_000 + n * ridesAtOnce + i),
      startMs: startMs + i * 600_000,
    };
    const told = googleExercise({
      ...ride,
      elapsedSeconds: 300,
      distanceM: 1_000,
      updatedMs: startMs + n,
    });
    system.provider.setExercise(account, told.point);
  }
  await notifyGoogle(system, account, startMs, startMs + rides * 600_000);
}

const hears = (heard: readonly Event[], what: (shown: Shown) => boolean) =>
  withinAMinute(
    async () => heard.some(({ event, data }) => event === "connection" && what(data)),
    Boolean,
  );

it("tells how history comes in, a pull from its start to its end, and what was missed", async () => {
  const who = await enrol(system, "watching", "Watching", ["member"]);
  const first = await listen(who);
  system.provider.faults = { hangMs: 500, only: googleLists };
  expect((await link(system, who, "google-health", account)).status).toBe(201);
  expect(await hears(first.heard, ({ backfill }) => backfill?.state === "done")).toBe(true);
  const percents = first.heard.flatMap(({ data }) => data.backfill?.percent ?? []);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThan(0);
  expect(percents.at(-1)).toBe(100);

  await quiet(system, who);
  system.provider.faults = { hangMs: slowMs, only: googleLists };
  const before = first.heard.length;
  await announce(1, ridesAtOnce);
  const since = () => first.heard.slice(before).map(({ data }) => data.status);
  const states = await withinAMinute(
    async () => since(),
    (all) => all.includes("syncing") && all.at(-1) === "connected",
  );
  expect(states.indexOf("syncing")).toBeGreaterThanOrEqual(0);
  expect(states.at(-1)).toBe("connected");

  system.provider.faults = {};
  const lastId = await first.close();
  const received = first.heard.at(-1)?.data.lastReceived;
  await announce(2);
  await quiet(system, who);
  const again = await listen(who, lastId);
  const isLater = ({ lastReceived }: Shown) =>
    Date.parse(lastReceived ?? "") > Date.parse(received ?? "");
  expect(await hears(again.heard, isLater)).toBe(true);
  expect(Number(again.heard.at(-1)?.id)).toBeGreaterThan(Number(lastId));
  await again.close();
});

it("tells nobody of anybody else's", async () => {
  const other = await enrol(system, "other", "Other", ["member"]);
  const watching = await enrol(system, "watching", "Watching", ["member"]);
  const [theirs, mine] = [await listen(other), await listen(watching)];
  const before = mine.heard.length;
  await announce(3);
  const told = await withinAMinute(
    async () => mine.heard.length,
    (n) => n > before + 1,
  );
  expect(told).toBeGreaterThan(before + 1);
  expect(theirs.heard).toEqual([]);
  await Promise.all([theirs.close(), mine.close()]);
  expect((await fetch(`${system.url}/v1/sync-status`)).status).toBe(401);
});

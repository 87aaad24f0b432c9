/**
 * How connections are doing, as it changes. What is heard goes into what GET /v1/connections answered,
 * so that whatever shows connections shows it at once; what a connection brought in makes the answers
 * of `old` old. Every event says all of its connection: hearing one twice, or late, does no harm.
 */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Answer, ask, type Name } from "./client.ts";
import type { StreamEvent } from "./event-stream.ts";
import { blocksOf, waited } from "./follow.ts";
import { notBefore, Problem } from "./problem.ts";
import { keyOf, makeOld } from "./queries.ts";

type Connections = Answer<"GET /v1/connections">;
export type Connection = Connections["items"][number];

const listName = "GET /v1/connections";
const retryMsLeast = 1_000;
const retryMsMost = 60_000;
const retryMsFirst = 3_000;
/** What comes in page after page is looked at once in so long. */
const lookAgainMs = 5_000;
const none: readonly Name[] = [];

/** Once on a page. `old`: names that do not change between renders. */
export function useSyncStatus(old: readonly Name[] = none): void {
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onData = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void makeOld(client, old);
      }, lookAgainMs);
    };
    void follow(client, onData, stop.signal);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, old]);
}

/** Comes back with the last id until it is told to stop, or until it is refused for good. */
async function follow(client: QueryClient, onData: () => void, signal: AbortSignal): Promise<void> {
  let [lastId, retryMs, failures] = [null as string | null, retryMsFirst, 0];
  while (!signal.aborted) {
    let failed: unknown = null;
    try {
      const headers = lastId === null ? {} : { "last-event-id": lastId };
      const { body } = await ask("GET /v1/sync-status", { headers, signal });
      for await (const heard of blocksOf(body)) {
        for (const event of heard.events) if (take(client, event)) onData();
        lastId = heard.lastId ?? lastId;
        retryMs = heard.retryMs ?? retryMs;
        failures = 0;
      }
    } catch (error) {
      if (error instanceof Problem && error.status < 500 && error.status !== 429) return;
      failures++;
      failed = error;
    }
    const ms = Math.min(retryMsMost, Math.max(retryMsLeast, retryMs) * 2 ** failures);
    await waited(notBefore(ms, failed), signal);
  }
}

/** True: something came in by it that was not known before. */
function take(client: QueryClient, { event, data }: StreamEvent): boolean {
  if (event !== "connection" && event !== "ended") return false;
  const said = JSON.parse(data) as Connection;
  const before = client.getQueryData<Connections>(keyOf(listName));
  // The list itself is on its way, and as new as this.
  if (before === undefined) return false;
  const known = before.items.find(({ id }) => id === said.id);
  const next = { ...said, lastReceived: later(known?.lastReceived, said.lastReceived) };
  client.setQueryData(keyOf(listName), merged(before, event, next));
  return event === "connection" && known?.lastReceived !== next.lastReceived;
}

/** The list asks the ledgers too and may know of what came later; the stream does not. */
function later(known: string | null | undefined, said: string | null): string | null {
  if (!known || !said) return said ?? known ?? null;
  return Date.parse(known) > Date.parse(said) ? known : said;
}

/** The list with what was said of one of them; in the order that it had. */
export function merged(
  before: Connections,
  event: "connection" | "ended",
  said: Connection,
): Connections {
  const others = before.items.filter(({ id }) => id !== said.id);
  if (event === "ended") return { ...before, items: others };
  const isKnown = others.length < before.items.length;
  const items = isKnown
    ? before.items.map((one) => (one.id === said.id ? said : one))
    : [...others, said];
  return { ...before, items };
}

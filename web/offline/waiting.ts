/**
 * Sends what waits (unsent-store.ts): when it was made, when the network is back, when the pages are
 * opened, and every so often. One tab at a time does it. What the API refuses for good is shown until
 * its maker has read it; everything else stays until it was answered.
 */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Batch, SyncBody } from "../../client/sync-body.ts";
import { type Reply, SyncQueue, type Told } from "../../client/sync-queue.ts";
import { api, type Name } from "../api/client.ts";
import { Problem, Unreachable } from "../api/problem.ts";
import { makeOld } from "../api/queries.ts";
import { letGo } from "../session/sealed-store.ts";
import { onSession, sessionNow } from "../session/session.ts";
import {
  nothingUnsent,
  putRefused,
  putSync,
  readUnsent,
  type Unsent,
  unsentBatches,
} from "./unsent-store.ts";

export interface Waits extends Unsent {
  /** It was tried in vain, or waited already when the pages were opened. */
  readonly isStuck: boolean;
}

const againEveryMs = 30_000;
const lockName = "singlet-unsent";

let waits: Waits = { ...nothingUnsent, isStuck: false };
let queries: QueryClient | null = null;
const listeners = new Set<() => void>();
const others = new BroadcastChannel(lockName);
/** Ends waits between tries. */
let wake = new EventTarget();

function become(next: Waits): void {
  waits = next;
  for (const listener of listeners) listener();
}

export const waitsNow = (): Waits => waits;

const onWaits = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useWaits = (): Waits => useSyncExternalStore(onWaits, waitsNow);

async function look(isStuck = waits.isStuck): Promise<void> {
  const unsent = await readUnsent();
  become({ ...unsent, isStuck: isStuck && unsent.entries.length + unsent.syncs.length > 0 });
}

async function changed(isStuck?: boolean): Promise<void> {
  await look(isStuck);
  others.postMessage(null);
}

/** Once, before anything is shown. */
export async function openWaiting(client: QueryClient): Promise<void> {
  queries = client;
  others.onmessage = () => void look();
  onSession(() => void look().then(sendWaiting));
  addEventListener("online", () => void sendWaiting());
  setInterval(() => {
    if (waits.entries.length + waits.syncs.length > 0) void sendWaiting();
  }, againEveryMs);
  await look(true).catch(() => undefined);
  void sendWaiting();
}

async function send({ key, body }: Batch): Promise<Reply> {
  try {
    const headers = { "idempotency-key": key };
    const answer = await api("POST /v1/sync", { body: JSON.parse(body), headers });
    return { status: 200, text: JSON.stringify(answer), retryAfterMs: null };
  } catch (error) {
    if (error instanceof Problem) {
      const { status, message, errorDetails, retryAfterMs } = error;
      return { status, text: JSON.stringify({ title: message, errorDetails }), retryAfterMs };
    }
    await look(true);
    throw error;
  }
}

const sleep = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, ms);
    wake.addEventListener("wake", () => done(), { once: true });
  });

/** What was said against it; empty: all of it was taken. */
function faultsOf({ answer, text }: Told): string[] {
  if (answer !== null) return answer.errorDetails.map(({ message }) => message);
  const { title = "It was refused.", errorDetails = [] } = JSON.parse(text);
  const said = (errorDetails as { message: string }[]).map(({ message }) => message);
  return said.length > 0 ? said : [title];
}

/** What a member's own entries show up in. */
const touched: readonly Name[] = [
  "GET /v1/summary",
  "GET /v1/aggregates",
  "GET /v1/insights",
  "GET /v1/workouts",
  "GET /v1/leaderboards/{board}",
  "GET /v1/leaderboards/{board}/me",
];

async function note(told: Told): Promise<void> {
  const why = faultsOf(told);
  if (why.length > 0) await putRefused(told.batch, why);
  if (queries !== null) void makeOld(queries, touched);
}

const queue = new SyncQueue({ store: unsentBatches, send, sleep, random: Math.random }, note);

/** False: there is no network. */
async function sendSyncs(): Promise<boolean> {
  for (const { name, connection } of (await readUnsent()).syncs) {
    try {
      await api("POST /v1/connections/{connection}/sync", { params: { connection } });
    } catch (error) {
      if (error instanceof Unreachable) return false;
      // A connection that ended meanwhile, or asked too often: what was wanted is a fresh read only.
      if (!(error instanceof Problem)) throw error;
    }
    await letGo(name);
  }
  return true;
}

let isAsked = false;
/** Whoever asks while another is at it waits for their turn, and no more than one does. */
export async function sendWaiting(): Promise<void> {
  const former = wake;
  wake = new EventTarget();
  former.dispatchEvent(new Event("wake"));
  if (isAsked || sessionNow().state !== "in") return;
  isAsked = true;
  let isSent = false;
  try {
    await navigator.locks.request(lockName, async () => {
      isAsked = false;
      if (sessionNow().state !== "in") return;
      isSent = (await queue.flush()) === "sent" && (await sendSyncs());
    });
  } catch {
    // Nothing is lost by it: what was not answered for is still there, and its time comes again.
  } finally {
    isAsked = false;
    await changed(!isSent);
  }
}

/** Keeps it here before anything is sent. Throws in words when it cannot be kept. */
export async function offer(said: SyncBody): Promise<void> {
  await queue.add(said);
  await changed();
  void sendWaiting();
}

/** True: it is asked now. False: as soon as there is a network. */
export async function askSync(connection: string): Promise<boolean> {
  try {
    await api("POST /v1/connections/{connection}/sync", { params: { connection } });
    return true;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    await putSync(connection);
    await changed(true);
    return false;
  }
}

/** Throws away what was not sent, or what was read about what was refused. */
export async function discard(names: readonly string[]): Promise<void> {
  for (const name of names) await letGo(name);
  await changed();
}

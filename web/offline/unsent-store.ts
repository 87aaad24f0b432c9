/**
 * Where what a member made waits until Singlet has answered for it: entries in the order in which they
 * were made, each sealed by itself (session/sealed-store.ts), and what was refused, until its maker
 * has read why. Each says whose it is: another who signs in here sends none of it and finds none.
 */
import type { Batch } from "../../client/sync-body.ts";
import type { BatchStore } from "../../client/sync-queue.ts";
import { keep, kept, keptNames, letGo, unsentPrefix } from "../session/sealed-store.ts";
import { subjectNow } from "../session/session.ts";

/** More than this waits for nobody's network; the next entry is refused in words. */
export const entriesMax = 200;

const [entryPrefix, refusedPrefix, syncPrefix] = ["entry", "refused", "sync"].map(
  (kind) => `${unsentPrefix}${kind}/`,
) as [string, string, string];

interface Owned {
  readonly subject: string;
}
export interface Entry extends Owned {
  readonly batch: Batch;
}
export interface Refused extends Owned {
  readonly body: string;
  /** Why, in the API's words. */
  readonly why: readonly string[];
}
/** A connection that is to be read as soon as there is a network. */
export interface AskedSync extends Owned {
  readonly connection: string;
}
export type Named<T> = T & { readonly name: string };

export class NotKept extends Error {
  override readonly name = "not-kept";
}

let lastMs = 0;
/** Digits in order of time, so that names in order are entries in order. */
function nextPlace(): string {
  lastMs = Math.max(Date.now(), lastMs + 1);
  return `${String(lastMs).padStart(15, "0")}-${crypto.randomUUID().slice(0, 8)}`;
}

async function allOf<T extends Owned>(prefix: string): Promise<Named<T>[]> {
  const names = await keptNames(prefix);
  const values = await Promise.all(names.map((name) => kept<T>(name)));
  return values.flatMap((value, i) =>
    value === undefined ? [] : [{ ...value, name: names[i] ?? "" }],
  );
}

async function put<T extends object>(
  prefix: string,
  value: T,
  subject = subjectNow(),
): Promise<void> {
  if (subject === null || !(await keep(`${prefix}${nextPlace()}`, { subject, ...value })))
    throw new NotKept("You are signed out, so this was not kept.");
}

const entries = () => allOf<Entry>(entryPrefix);

export const unsentBatches: BatchStore = {
  async put(batch) {
    const there = await entries();
    if (there.some((entry) => entry.batch.key === batch.key)) return;
    if (there.length >= entriesMax)
      throw new NotKept(`${entriesMax} entries wait already. Find a network first.`);
    await put(entryPrefix, { batch });
  },
  async next() {
    return (await entries()).find(({ subject }) => subject === subjectNow())?.batch ?? null;
  },
  async remove(key) {
    for (const { name, batch } of await entries()) if (batch.key === key) await letGo(name);
  },
};

/** It is for whoever made it, who may be out by now; nobody's, when it was thrown away meanwhile. */
export async function putRefused({ key, body }: Batch, why: readonly string[]): Promise<void> {
  const made = (await entries()).find(({ batch }) => batch.key === key);
  if (made !== undefined) await put(refusedPrefix, { body, why }, made.subject);
}

/** Asked twice is asked once. */
export async function putSync(connection: string): Promise<void> {
  const asked = await allOf<AskedSync>(syncPrefix);
  if (!asked.some((each) => each.connection === connection)) await put(syncPrefix, { connection });
}

export interface Unsent {
  readonly entries: readonly Named<Entry>[];
  readonly refused: readonly Named<Refused>[];
  readonly syncs: readonly Named<AskedSync>[];
  /** While nobody is signed in: the names of all that is here, and nothing is opened. */
  readonly sealed: readonly string[];
}
export const nothingUnsent: Unsent = { entries: [], refused: [], syncs: [], sealed: [] };

/** Whoever is signed in: what of it is somebody else's goes. Nothing goes because nobody is. */
export async function readUnsent(): Promise<Unsent> {
  const subject = subjectNow();
  if (subject === null) return { ...nothingUnsent, sealed: await keptNames(unsentPrefix) };
  const [made, refused, syncs] = await Promise.all([
    entries(),
    allOf<Refused>(refusedPrefix),
    allOf<AskedSync>(syncPrefix),
  ]);
  // It was read for somebody who is out by now.
  if (subject !== subjectNow()) return readUnsent();
  const isOthers = (each: Owned) => each.subject !== subject;
  for (const each of [...made, ...refused, ...syncs].filter(isOthers)) await letGo(each.name);
  const own = <T extends Owned>(all: readonly T[]) => all.filter((each) => !isOthers(each));
  return { entries: own(made), refused: own(refused), syncs: own(syncs), sealed: [] };
}

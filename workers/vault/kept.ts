/**
 * Addresses that a provider named in a notice. They hold a secret, so they are sealed until they are
 * read; and anybody who can write a notice can write an address, so each is checked again, by the
 * deployment's own list, before a member's token goes there.
 */
import type { Callback, NoRequest, ProviderReply } from "../../domain/ports.ts";
import { callbackCharsMax, callbackKeptMs, callbackOf } from "../../providers/callback-url.ts";
import type { Vault } from "./env.ts";
import { callbackColumn } from "./groups.ts";
import { faulty } from "./provider-call.ts";
import type { Door, Line } from "./provider-line.ts";
import { openColumn } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

const aboutCharsMax = 4_096;
/** Shorter values of an address name days and kinds, and may well be said again. */
const secretCharsMin = 16;
const onlyRevision = 1;

export async function keep(
  vault: Vault,
  member: string,
  connection: string,
  row: string,
  { url, about }: Callback,
): Promise<"kept" | "forgotten"> {
  if (url.length > callbackCharsMax || JSON.stringify(about).length > aboutCharsMax)
    throw new Error("the callback is larger than any that is taken");
  const columns = { [callbackColumn]: JSON.stringify({ url, about }) };
  const nowMs = Date.now();
  const said = { row, revision: onlyRevision, columns };
  const [sealed] = await Promise.all([
    sealRows(vault, member, connection, [said], nowMs),
    vault.phi
      .prepare(`DELETE FROM sealed WHERE ${isCallback} AND version < ?2`)
      .bind(member, nowMs - callbackKeptMs)
      .run(),
  ]);
  return sealed === "sealed" ? "kept" : "forgotten";
}

/** Of the member ?1. Each is small enough to lie in its row, so no object is left behind. */
const isCallback = `member = ?1 AND group_name = '${callbackColumn}'`;

/** Deleted and no more: the row's name never comes again, so nothing has to be refused later. */
export async function drop(vault: Vault, member: string, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return;
  await vault.phi
    .prepare(
      `DELETE FROM sealed WHERE ${isCallback} AND row_id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(member, JSON.stringify(rows))
    .run();
}

export interface Kept {
  readonly url: URL;
  readonly about: Callback["about"];
  readonly secrets: readonly string[];
}

/**
 * One that is not there was read and dropped, or is too old: as if the provider said 410. One that
 * may not be called is answered as a redirect is, since it leads somewhere else.
 */
export async function openKept(line: Line, row: string): Promise<Kept | ProviderReply | NoRequest> {
  const { vault, member } = line;
  const texts = await openColumn(vault, member, callbackColumn, [row], Date.now());
  if (texts === "busy") throw new Error("the callback kept changing");
  if (texts === "forgotten") return { failed: "forgotten" };
  const text = texts.get(row);
  if (text === undefined) return { ...faulty("network"), status: 410, complete: true, fault: null };
  const { url, about } = JSON.parse(text) as Callback;
  const address = calledAt(line, url);
  return address === null
    ? { ...faulty("redirect"), about }
    : { url: address, about, secrets: secretsIn(address) };
}

/** Null when it is not the provider's own, to the letter. */
export function calledAt({ hosts, link }: Pick<Door, "hosts" | "link">, raw: string): URL | null {
  const callbacks = hosts.callbacks ?? {};
  const origins = Object.keys(callbacks).filter((origin) => origin.startsWith("https://"));
  if (!link.paths.some((prefix) => callbackOf(raw, { origins, prefix }) !== null)) return null;
  const { origin, pathname, search } = new URL(raw);
  const called = callbacks[origin];
  return called === undefined ? null : new URL(`${new URL(called).origin}${pathname}${search}`);
}

const secretsIn = ({ searchParams }: URL): string[] =>
  [...searchParams.values()].filter((value) => value.length >= secretCharsMin);

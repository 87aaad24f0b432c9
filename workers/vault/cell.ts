/**
 * A cell is one group of columns of one row: the unit that is sealed, stored and opened. Its context
 * is made here and nowhere else, so that what was sealed under it can be opened under it.
 */
import type { Bytes, SealedPart } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { type Context, digestOf, open, openRange, seal } from "./envelope.ts";
import type { DataKey } from "./keyring.ts";

/** The version of what is inside a sealed value; part of its context. */
const sealedSchema = 2;

/** The connection whose data key holds what is the member's own. */
export const ownConnection = "self";

export interface Place {
  readonly table: "sealed" | "parked" | "export" | "export_file" | "card";
  readonly member: string;
  /** The group of columns that are sealed together; of a digest, the column itself. */
  readonly column: string;
  readonly row: string;
}

const contextOf = (
  vault: Pick<Vault, "environment">,
  { table, member, column, row }: Place,
  keyId: string,
): Context => ({
  environment: vault.environment,
  table,
  member,
  column,
  row,
  schema: sealedSchema,
  keyId,
});

export const sealBytes = (vault: Vault, key: DataKey, place: Place, bytes: Bytes): Promise<Bytes> =>
  seal(key.key, contextOf(vault, place, key.id), bytes, vault.random);

/** Throws `Unopenable`. */
export const openBytes = (
  vault: Pick<Vault, "environment">,
  key: DataKey,
  place: Place,
  sealed: Bytes,
): Promise<Bytes> => open(key.key, contextOf(vault, place, key.id), sealed);

/** A range of it without the rest. Throws `Unopenable`. */
export const openBytesPart = (
  vault: Pick<Vault, "environment">,
  key: DataKey,
  place: Place,
  part: SealedPart,
): Promise<Bytes> => openRange(key.key, contextOf(vault, place, key.id), part);

export const utf8 = (text: string): Bytes => Uint8Array.from(new TextEncoder().encode(text));

export const sealText = (vault: Vault, key: DataKey, place: Place, text: string): Promise<Bytes> =>
  sealBytes(vault, key, place, utf8(text));

export const openText = async (
  vault: Pick<Vault, "environment">,
  key: DataKey,
  place: Place,
  sealed: Bytes,
): Promise<string> => new TextDecoder().decode(await openBytes(vault, key, place, sealed));

export const digestText = (
  vault: Pick<Vault, "environment">,
  key: DataKey,
  place: Place,
  text: string,
): Promise<string> => digestOf(key.key, contextOf(vault, place, key.id), text);

/** Of bytes that are no text: the keyed digest of their hash, which itself is told to nobody. */
export async function digestBytes(
  vault: Pick<Vault, "environment">,
  key: DataKey,
  place: Place,
  bytes: Bytes,
): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
  return digestText(vault, key, place, hash.join(" "));
}

/**
 * Reads SQLite's `hex(body)`: D1 hands a blob back as an array of numbers, several times its size.
 */
export function fromHex(hex: string): Bytes {
  const nibble = (code: number) => (code <= 0x39 ? code - 0x30 : code - 0x37);
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = (nibble(hex.charCodeAt(2 * i)) << 4) | nibble(hex.charCodeAt(2 * i + 1));
  return bytes;
}

const charsAtOnce = 8_192;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += charsAtOnce)
    text += String.fromCharCode(...bytes.subarray(at, at + charsAtOnce));
  return btoa(text);
}
export const fromBase64 = (text: string): Bytes =>
  Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

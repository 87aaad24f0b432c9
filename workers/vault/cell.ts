/**
 * A cell is one column of one row: the unit that is sealed, stored and opened. Its context is made
 * here and nowhere else, so that what was sealed under it can be opened under it.
 */
import type { Vault } from "./env.ts";
import { type Context, digestOf, open, seal } from "./envelope.ts";
import type { DataKey } from "./keyring.ts";

/** The version of what is inside a sealed value; part of its context. */
const sealedSchema = 1;

/** The connection whose data key holds what is the member's own. */
export const ownConnection = "self";

export interface Place {
  readonly table: "sealed" | "parked";
  readonly member: string;
  readonly column: string;
  readonly row: string;
}

const contextOf = (vault: Vault, place: Place, keyId: string): Context => ({
  environment: vault.environment,
  ...place,
  schema: sealedSchema,
  keyId,
});

export const sealText = (vault: Vault, key: DataKey, place: Place, text: string) =>
  seal(
    key.key,
    contextOf(vault, place, key.id),
    Uint8Array.from(new TextEncoder().encode(text)),
    vault.random,
  );

export const openText = async (
  vault: Vault,
  key: DataKey,
  place: Place,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<string> =>
  new TextDecoder().decode(await open(key.key, contextOf(vault, place, key.id), sealed));

export const digestText = (vault: Vault, key: DataKey, place: Place, text: string) =>
  digestOf(key.key, contextOf(vault, place, key.id), text);

/**
 * Reads SQLite's `hex(body)`: D1 hands a blob back as an array of numbers, several times its size.
 */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const nibble = (code: number) => (code <= 0x39 ? code - 0x30 : code - 0x37);
  return Uint8Array.from(
    { length: hex.length / 2 },
    (_, i) => (nibble(hex.charCodeAt(2 * i)) << 4) | nibble(hex.charCodeAt(2 * i + 1)),
  );
}

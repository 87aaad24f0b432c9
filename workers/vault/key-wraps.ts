/**
 * Wrapping member keys under epochs and data keys under member keys, each bound to its place: a
 * wrap that is moved to another row, epoch or generation does not open.
 */
import { base64Url } from "../../kernel/hmac.ts";
import { type Bytes, importKey, keyBytes, type Random } from "./chunked.ts";
import { type Context, open, seal } from "./envelope.ts";
import type { Epochs } from "./epochs.ts";

const keyIdBytes = 16;
const wrapSchema = 2;

/** A generation of a member's key. */
export interface Generation {
  readonly member: string;
  readonly generation: string;
}
export interface WrappedMemberKey {
  readonly epoch: number;
  readonly wrapped: readonly number[];
}
export interface WrappedDataKey {
  readonly key_id: string;
  readonly connection: string;
  readonly wrapped: readonly number[];
}

/** The epoch that a key is wrapped under is destroyed: the row comes from an old copy. */
export class EpochGone extends Error {
  override readonly name = "EpochGone";
}

export class KeyWraps {
  readonly #epochs: Epochs;
  readonly #environment: string;
  readonly #random: Random;

  constructor(epochs: Epochs, environment: string, random: Random) {
    this.#epochs = epochs;
    this.#environment = environment;
    this.#random = random;
  }

  newKey = (): Bytes => this.#random(keyBytes);

  newId = (): string => base64Url(this.#random(keyIdBytes));

  /** Throws `EpochGone`. */
  async wrapMember(of: Generation, epoch: number, raw: Bytes, nowMs: number): Promise<Bytes> {
    const key = await this.#epochKey(epoch, nowMs);
    return seal(key, this.#memberContext(of, epoch), raw, this.#random);
  }

  /** Throws `EpochGone`, or `Unopenable`. */
  async openMember(
    of: Generation,
    { epoch, wrapped }: WrappedMemberKey,
    nowMs: number,
  ): Promise<Bytes> {
    const key = await this.#epochKey(epoch, nowMs);
    return open(key, this.#memberContext(of, epoch), Uint8Array.from(wrapped));
  }

  wrapData = (
    memberKey: CryptoKey,
    of: Generation,
    { key_id, connection }: Omit<WrappedDataKey, "wrapped">,
    raw: Bytes,
  ): Promise<Bytes> =>
    seal(memberKey, this.#dataContext(of, connection, key_id), raw, this.#random);

  openData = (
    memberKey: CryptoKey,
    of: Generation,
    { key_id, connection, wrapped }: WrappedDataKey,
  ): Promise<Bytes> =>
    open(memberKey, this.#dataContext(of, connection, key_id), Uint8Array.from(wrapped));

  importMember = async (of: Generation, row: WrappedMemberKey, nowMs: number): Promise<CryptoKey> =>
    importKey(await this.openMember(of, row, nowMs));

  async #epochKey(epoch: number, nowMs: number): Promise<CryptoKey> {
    const key = await this.#epochs.keyOf(epoch, nowMs);
    if (key === null) throw new EpochGone();
    return key;
  }

  #memberContext = ({ member, generation }: Generation, epoch: number): Context =>
    this.#context(member, "member_key", String(epoch), generation);

  #dataContext = ({ member, generation }: Generation, connection: string, id: string): Context =>
    this.#context(member, "data_key", JSON.stringify([connection, generation]), id);

  #context = (member: string, column: string, row: string, keyId: string): Context => ({
    environment: this.#environment,
    member,
    table: "keys",
    column,
    row,
    schema: wrapSchema,
    keyId,
  });
}

/**
 * The keys above the members' keys. The root key is a secret of this worker; under it, as objects of
 * a bucket that keeps no versions, lie the epoch keys and the key that persons are digested with.
 * Destroying an epoch's object shuts for good whatever was still wrapped under it, in every copy of
 * every database. Unwrapped keys are kept for a short while, a bounded number of them.
 */
import { base64Url } from "../../kernel/hmac.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { type Bytes, expand, importKey, keyBytes, type Random } from "./chunked.ts";
import { type Context, lengthPrefixed, open, seal } from "./envelope.ts";

const rootIdBytes = 8;
const wrapSchema = 2;
const cachedKeysMax = 64;
const cachedForMs = 60_000;
const listedMax = 1_000;
const numberDigits = 10;

const epochPrefix = "epoch/";
const principalName = "index/principal";
const epochName = (n: number): string => `${epochPrefix}${String(n).padStart(numberDigits, "0")}`;

export interface Epoch {
  readonly n: number;
  readonly madeAtMs: number;
  /** Which root key it is wrapped under. */
  readonly root: string;
}
interface Root {
  readonly id: string;
  readonly key: CryptoKey;
}

/** A root key from its secret: 32 bytes in base64. */
async function rootOf(base64: string): Promise<Root> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  if (bytes.length !== keyBytes) throw new Error(`a root key is not ${keyBytes} bytes`);
  const key = await importKey(bytes);
  return {
    id: base64Url(await expand(key, lengthPrefixed("singlet/root-key/v1"), rootIdBytes)),
    key,
  };
}

export class Epochs {
  readonly #bucket: R2Bucket;
  readonly #secrets: readonly string[];
  readonly #environment: string;
  readonly #random: Random;
  readonly #cached = new BoundedCache<CryptoKey>(cachedKeysMax, cachedForMs);
  #roots: Promise<readonly Root[]> | null = null;

  /** The present root key first, then the one before it, while its wraps are replaced. */
  constructor(bucket: R2Bucket, roots: readonly string[], environment: string, random: Random) {
    this.#bucket = bucket;
    this.#secrets = roots;
    this.#environment = environment;
    this.#random = random;
  }

  /** The key of an epoch; null when it is destroyed. The first epoch is made on first use. */
  async keyOf(n: number, nowMs: number): Promise<CryptoKey | null> {
    const kept = this.#cached.get(epochName(n), nowMs);
    if (kept !== undefined) return kept;
    if (n === 1 && (await this.list()).length === 0) await this.make(1, nowMs);
    return this.#load(epochName(n), nowMs);
  }

  /** What persons are digested with; made on first use. Losing it would make everyone a stranger. */
  async principalKey(nowMs: number): Promise<CryptoKey> {
    const kept = this.#cached.get(principalName, nowMs) ?? (await this.#load(principalName, nowMs));
    if (kept !== null) return kept;
    await this.#create(principalName, nowMs);
    const made = await this.#load(principalName, nowMs);
    if (made === null) throw new Error("the key for persons was not kept");
    return made;
  }

  /** Epochs that exist, oldest first. */
  async list(): Promise<Epoch[]> {
    const { objects } = await this.#bucket.list({
      prefix: epochPrefix,
      limit: listedMax,
      include: ["customMetadata"],
    });
    return objects.map(({ key, customMetadata = {} }) => ({
      n: Number(key.slice(epochPrefix.length)),
      madeAtMs: Number(customMetadata.madeAt),
      root: customMetadata.root ?? "",
    }));
  }

  /** Makes an epoch unless it exists. */
  make = (n: number, nowMs: number): Promise<void> => this.#create(epochName(n), nowMs);

  /** For good: nothing that is wrapped under it opens again. */
  async destroy(n: number): Promise<void> {
    await this.#bucket.delete(epochName(n));
    this.#cached.delete(epochName(n));
  }

  async presentRoot(): Promise<string> {
    return (await this.#allRoots())[0]?.id ?? "";
  }

  /**
   * Wraps what is still wrapped under an older root key under the present one, a compare-and-set an
   * object; returns how many. A crash leaves some under the old root, which still opens them.
   */
  async rewrap(): Promise<number> {
    const [present] = await this.#allRoots();
    let rewrapped = 0;
    for (const name of [principalName, ...(await this.list()).map(({ n }) => epochName(n))]) {
      const object = await this.#bucket.get(name);
      if (object === null || object.customMetadata?.root === present?.id) continue;
      const raw = await this.#unwrap(name, object);
      const { body, root } = await this.#wrap(name, raw);
      const customMetadata = { ...object.customMetadata, root };
      const onlyIf = { etagMatches: object.etag };
      if ((await this.#bucket.put(name, body, { onlyIf, customMetadata })) !== null) rewrapped++;
    }
    return rewrapped;
  }

  async #create(name: string, nowMs: number): Promise<void> {
    const { body, root } = await this.#wrap(name, this.#random(keyBytes));
    await this.#bucket.put(name, body, {
      onlyIf: { etagDoesNotMatch: "*" },
      customMetadata: { root, madeAt: String(nowMs) },
    });
  }

  async #load(name: string, nowMs: number): Promise<CryptoKey | null> {
    const object = await this.#bucket.get(name);
    if (object === null) return null;
    const key = await importKey(await this.#unwrap(name, object));
    this.#cached.set(name, key, nowMs);
    return key;
  }

  async #wrap(name: string, raw: Bytes): Promise<{ body: Bytes; root: string }> {
    const [present] = await this.#allRoots();
    if (present === undefined) throw new Error("there is no root key");
    const body = await seal(present.key, this.#context(name, present.id), raw, this.#random);
    return { body, root: present.id };
  }

  async #unwrap(name: string, object: R2ObjectBody): Promise<Bytes> {
    const root = (await this.#allRoots()).find((r) => r.id === object.customMetadata?.root);
    if (root === undefined) throw new Error(`${name} is wrapped under a root key that is not here`);
    const wrapped = new Uint8Array(await object.arrayBuffer());
    return open(root.key, this.#context(name, root.id), wrapped);
  }

  #allRoots(): Promise<readonly Root[]> {
    this.#roots ??= Promise.all(this.#secrets.map(rootOf));
    return this.#roots;
  }

  #context = (name: string, root: string): Context => ({
    environment: this.#environment,
    member: "",
    table: "keyring",
    column: "wrapped",
    row: name,
    schema: wrapSchema,
    keyId: root,
  });
}

/**
 * WebCrypto that is done with its work when it is called, for runs of very many orders of events:
 * the platform's own asks a thread for every message, which costs more than the message and brings
 * in an order that no seed repeats. Digests, HMAC and AES-GCM with secret keys, and Ed25519, are
 * computed here, bit for bit alike (at-once-crypto.test.ts); everything else is the platform's.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash as hashOf,
  type KeyObject,
  sign as signOf,
  verify as verifyOf,
} from "node:crypto";

type Source = ArrayBuffer | ArrayBufferView<ArrayBuffer>;
type Named = string | { readonly name: string; readonly hash?: string | { readonly name: string } };
interface Sealing {
  readonly name: string;
  readonly iv: Source;
  readonly additionalData?: Source;
  readonly tagLength?: number;
}

const tagBytes = 16;
const aesKeyBytes = [16, 24, 32];
const curve = "Ed25519";
/** What comes before a public key's own 32 bytes where it is written as SPKI (RFC 8410, section 4). */
const spkiHead = Uint8Array.from(Buffer.from("302a300506032b6570032100", "hex"));
const publicKeyBytes = 32;
const hashes: Readonly<Record<string, string>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** As a key of the platform's is looked at; what it opens is found by the object itself. */
interface OwnKey {
  readonly type: "secret" | "private" | "public";
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string; readonly hash?: string };
  readonly usages: readonly KeyUsage[];
}

const secrets = new WeakMap<object, KeyObject>();
const nameOf = (named: Named): string => (typeof named === "string" ? named : named.name);
const failed = () => new DOMException("The operation failed", "OperationError");

/** Its own bytes: who gave it may overwrite it. */
const viewOf = (source: Source): Uint8Array =>
  source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
const bufferOf = (...parts: readonly Uint8Array[]): ArrayBuffer => {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
};

/** Null: not one that is made here. */
function secretFor(key: object, algorithm: string, usage: KeyUsage): KeyObject | null {
  const secret = secrets.get(key);
  if (secret === undefined) return null;
  const { algorithm: own, usages } = key as OwnKey;
  if (own.name !== algorithm || !usages.includes(usage))
    throw new DOMException(`The key is not for this: ${usage}`, "InvalidAccessError");
  return secret;
}

const isSealedHere = ({ iv, additionalData, tagLength }: Sealing): boolean =>
  iv.byteLength > 0 && additionalData === undefined && tagLength === undefined;

/**
 * From here on, until what it returns is called: `crypto` is another object, over the one that was
 * there before.
 */
export function cryptoAtOnce(): () => void {
  const before = globalThis.crypto;
  const own = before.subtle as unknown as Subtle;
  const atOnce: Record<string, unknown> = {
    importKey: async (...asked: Parameters<Subtle["importKey"]>) =>
      imported(...asked) ?? own.importKey(...asked),
    digest: async (named: Named, source: Source) => {
      const hash = hashes[nameOf(named)];
      if (hash === undefined) return own.digest(named, source);
      return bufferOf(hashOf(hash, viewOf(source), "buffer"));
    },
    sign: async (named: Named, key: object, source: Source) => {
      const secret = secretFor(key, nameOf(named), "sign");
      return secret === null ? own.sign(named, key, source) : signed(key, secret, source);
    },
    verify: async (named: Named, key: object, signature: Source, source: Source) => {
      const known = secretFor(key, curve, "verify");
      if (known === null) return own.verify(named, key, signature, source);
      return verifyOf(null, viewOf(source), known, viewOf(signature));
    },
    exportKey: async (format: string, key: object) => {
      const known = secrets.get(key);
      if (known === undefined) return own.exportKey(format, key);
      const { extractable, algorithm, usages } = key as OwnKey;
      if (!extractable || format !== "jwk") throw new DOMException("", "InvalidAccessError");
      return {
        key_ops: usages,
        ext: true,
        alg: algorithm.name,
        ...known.export({ format: "jwk" }),
      };
    },
    encrypt: async (named: Sealing, key: object, source: Source) => {
      const secret = secretFor(key, "AES-GCM", "encrypt");
      if (secret === null || !isSealedHere(named)) return own.encrypt(named, key, source);
      const cipher = createCipheriv(aesOf(secret), secret, viewOf(named.iv));
      const body = cipher.update(viewOf(source));
      return bufferOf(body, cipher.final(), cipher.getAuthTag());
    },
    decrypt: async (named: Sealing, key: object, source: Source) => {
      const secret = secretFor(key, "AES-GCM", "decrypt");
      if (secret === null || !isSealedHere(named)) return own.decrypt(named, key, source);
      return opened(secret, viewOf(named.iv), viewOf(source));
    },
  };
  const subtle = new Proxy(before.subtle, {
    get(target, name) {
      const known = atOnce[String(name)];
      if (known !== undefined) return known;
      const theirs: unknown = Reflect.get(target, name, target);
      return typeof theirs === "function" ? theirs.bind(target) : theirs;
    },
  });
  const getRandomValues = before.getRandomValues.bind(before);
  const randomUUID = before.randomUUID.bind(before);
  const put = (value: unknown) =>
    Object.defineProperty(globalThis, "crypto", { configurable: true, writable: true, value });
  put({ subtle, getRandomValues, randomUUID });
  return () => put(before);
}

/** What is asked of the platform, as it is handed on. */
interface Subtle {
  importKey(
    format: string,
    source: Source,
    named: Named,
    extractable: boolean,
    usages: readonly KeyUsage[],
  ): Promise<object>;
  digest(named: Named, source: Source): Promise<ArrayBuffer>;
  sign(named: Named, key: object, source: Source): Promise<ArrayBuffer>;
  verify(named: Named, key: object, signature: Source, source: Source): Promise<boolean>;
  exportKey(format: string, key: object): Promise<object>;
  encrypt(named: Sealing, key: object, source: Source): Promise<ArrayBuffer>;
  decrypt(named: Sealing, key: object, source: Source): Promise<ArrayBuffer>;
}

/** Null: no key for what is done here. */
function imported(
  ...[format, source, named, extractable, usages]: Parameters<Subtle["importKey"]>
): OwnKey | null {
  const name = nameOf(named);
  if (name === curve) return ofCurve(format, viewOf(source), extractable, usages);
  const hash = typeof named === "string" ? undefined : named.hash;
  const isKey =
    (name === "HMAC" && source.byteLength > 0 && hash !== undefined) ||
    (name === "AES-GCM" && aesKeyBytes.includes(source.byteLength));
  if (format !== "raw" || extractable || !isKey) return null;
  const algorithm = hash === undefined ? { name } : { name, hash: nameOf(hash) };
  const key: OwnKey = Object.freeze({ type: "secret", extractable, algorithm, usages });
  secrets.set(key, createSecretKey(viewOf(source).slice()));
  return key;
}

/** Null: not as it is asked for here, or no key at all. */
function ofCurve(
  format: string,
  bytes: Uint8Array,
  extractable: boolean,
  usages: readonly KeyUsage[],
): OwnKey | null {
  const isPrivate = format === "pkcs8" && `${usages}` === "sign";
  const isPublic = format === "raw" && `${usages}` === "verify" && bytes.length === publicKeyBytes;
  if (!isPrivate && !isPublic) return null;
  try {
    const known = isPrivate
      ? createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" })
      : createPublicKey({ key: Buffer.from([...spkiHead, ...bytes]), format: "der", type: "spki" });
    if (known.asymmetricKeyType !== "ed25519") return null;
    const type = isPrivate ? "private" : "public";
    const key: OwnKey = Object.freeze({ type, extractable, algorithm: { name: curve }, usages });
    secrets.set(key, known);
    return key;
  } catch {
    return null;
  }
}

function signed(key: object, secret: KeyObject, source: Source): ArrayBuffer {
  const { name, hash = "" } = (key as OwnKey).algorithm;
  if (name === curve) return bufferOf(signOf(null, viewOf(source), secret));
  const mac = createHmac(hashes[hash] ?? hash, secret);
  return bufferOf(mac.update(viewOf(source)).digest());
}

const aesOf = ({ symmetricKeySize = 0 }: KeyObject) =>
  `aes-${symmetricKeySize * 8}-gcm` as "aes-256-gcm";

function opened(secret: KeyObject, iv: Uint8Array, sealed: Uint8Array): ArrayBuffer {
  const tagAt = sealed.length - tagBytes;
  if (tagAt < 0) throw failed();
  const cipher = createDecipheriv(aesOf(secret), secret, iv);
  cipher.setAuthTag(sealed.subarray(tagAt));
  const body = cipher.update(sealed.subarray(0, tagAt));
  try {
    return bufferOf(body, cipher.final());
  } catch {
    throw failed();
  }
}

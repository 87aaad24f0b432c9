/**
 * Judges published vectors where the vault runs: chunked encryption through the vault's own code,
 * what it stands on through the platform's WebCrypto, logs through kernel/tlog, card numbers through
 * domain/cards. POST a file of vectors to its name; the answer says how many cases were judged, and
 * which are wrong and why.
 *
 * A valid case is right only if it was computed and came out as published: one that WebCrypto
 * refuses for its sizes is wrong (workerd takes them all, short and long IVs too). An invalid case
 * is right if it was refused: by a DOMException or a `verify` that says no; any other error makes
 * it wrong. A case called "acceptable", of which these files have none, is judged like a valid one.
 */
import {
  type Bytes,
  chunkBytes,
  expand,
  headBytes,
  importKey,
  openedLength,
  openMessage,
  openPart,
  sealedRange,
  sealMessage,
  Unopenable,
} from "../../workers/vault/chunked.ts";
import { panJudges } from "./pan-vectors.ts";
import { tlogJudges } from "./tlog-vectors.ts";

export interface Wrong {
  readonly tcId: number;
  readonly why: string;
}
export interface Judged {
  readonly cases: number;
  readonly wrong: readonly Wrong[];
  /** Figures to be shown. */
  readonly notes?: readonly string[];
}

/** Fields of bytes are hex; which of them a case has depends on its file. */
type Hex = "key" | "iv" | "aad" | "msg" | "ct" | "tag" | "ikm" | "salt" | "info" | "okm" | "sig";
interface Vector extends Readonly<Record<Hex | "ctx" | "msgSha512", string>> {
  readonly tcId: number;
  readonly result: "valid" | "acceptable" | "invalid";
  readonly flags: readonly string[];
  readonly size: number;
  readonly msgLength: number;
}
interface Group {
  readonly tests: readonly Vector[];
  readonly tagSize: number;
  readonly publicKey: { readonly pk: string };
}

/** What is wrong about a case; null if nothing is. */
type Judge = (vector: Vector, group: Group) => Promise<string | null>;

const { subtle } = crypto;
const bytes = (hex: string): Bytes =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (buffer: ArrayBuffer | Bytes): string =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const isEqual = (a: Bytes, b: Bytes): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** What came out, as hex; null when the platform refused. */
async function outcome(work: () => Promise<ArrayBuffer | Bytes>): Promise<string | null> {
  try {
    return hexOf(await work());
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** Against what a valid case has to come to; an invalid one may come to anything else. */
function judged({ result }: Vector, found: string | null, published: string): string | null {
  if (result === "invalid") return found === published ? "an invalid case was accepted" : null;
  if (found === null) return "the platform refused a valid case";
  return found === published ? null : "a valid case came out differently";
}

const judgeAesGcm: Judge = async (vector) => {
  const { key, iv, aad, msg, ct, tag } = vector;
  const algorithm = { name: "AES-GCM", iv: bytes(iv), additionalData: bytes(aad) };
  const imported = await subtle.importKey("raw", bytes(key), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  const sealed = await outcome(() => subtle.encrypt(algorithm, imported, bytes(msg)));
  const opened = await outcome(() => subtle.decrypt(algorithm, imported, bytes(ct + tag)));
  if (vector.result === "invalid" && opened !== null) return "an invalid case was opened";
  return judged(vector, sealed, ct + tag) ?? judged(vector, opened, msg);
};

/** By `sign` and a comparison, and by `verify` where the tag is a whole one: both are used. */
const judgeHmac =
  (hash: string): Judge =>
  async (vector, { tagSize }) => {
    const algorithm = { name: "HMAC", hash };
    const usages = ["sign", "verify"] as const;
    const key = await subtle.importKey("raw", bytes(vector.key), algorithm, false, [...usages]);
    const whole = hexOf(await subtle.sign("HMAC", key, bytes(vector.msg)));
    const isWhole = whole.length === tagSize / 4;
    const verified = await subtle.verify("HMAC", key, bytes(vector.tag), bytes(vector.msg));
    if (isWhole && verified !== (vector.result !== "invalid")) return `verify said ${verified}`;
    return judged(vector, whole.slice(0, tagSize / 4), vector.tag);
  };

const judgeHkdf =
  (hash: string): Judge =>
  async (vector) => {
    const [salt, info] = [bytes(vector.salt), bytes(vector.info)];
    const key = await subtle.importKey("raw", bytes(vector.ikm), "HKDF", false, ["deriveBits"]);
    const algorithm = { name: "HKDF", hash, salt, info };
    const found = await outcome(() => subtle.deriveBits(algorithm, key, vector.size * 8));
    if (vector.result === "invalid" && found !== null) return "more was given than there is";
    return judged(vector, found, vector.okm);
  };

/** The platform's, then the extract of RFC 5869 by HMAC and the vault's own `expand`. */
const judgeHkdfSha512: Judge = async (vector, group) => {
  const platform = await judgeHkdf("SHA-512")(vector, group);
  if (platform !== null) return platform;
  const algorithm = { name: "HMAC", hash: "SHA-512" };
  // No salt is a salt of zeros; as a key of HMAC they are the same, but none cannot be imported.
  const salt = vector.salt === "" ? new Uint8Array(64) : bytes(vector.salt);
  const extract = await subtle.importKey("raw", salt, algorithm, false, ["sign"]);
  const secret = await subtle.sign("HMAC", extract, bytes(vector.ikm));
  const key = await subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const found = expand(key, bytes(vector.info), vector.size).then(hexOf, (error: unknown) => {
    if (error instanceof RangeError) return null;
    throw error;
  });
  if (vector.result === "invalid" && (await found) !== null) return "expand gave too much";
  const own = judged(vector, await found, vector.okm);
  return own === null ? null : `expand: ${own}`;
};

const judgeEd25519: Judge = async ({ msg, sig, result }, { publicKey }) => {
  const key = await subtle.importKey("raw", bytes(publicKey.pk), "Ed25519", false, ["verify"]);
  const verified = await outcome(async () => {
    const isGenuine = await subtle.verify("Ed25519", key, bytes(sig), bytes(msg));
    return Uint8Array.of(isGenuine ? 1 : 0);
  });
  const isRight = (verified === "01") === (result !== "invalid");
  return isRight ? null : `verify said ${verified ?? "nothing"}`;
};

/** Published deflated. */
async function inflated(hex: string): Promise<Bytes> {
  const stream = new Blob([bytes(hex)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const judgeChunked: Judge = async (vector) => {
  const sealed = await inflated(vector.ct);
  return vector.result === "invalid" ? judgeBroken(vector, sealed) : judgeWhole(vector, sealed);
};

/** Opens whole and in parts, and is sealed again, with the same salt, to the same bytes. */
async function judgeWhole({ key, ctx, msgLength, msgSha512 }: Vector, sealed: Bytes) {
  const [imported, context] = [await importKey(bytes(key)), bytes(ctx)];
  const opened = await openMessage(imported, context, sealed);
  if (opened.length !== msgLength || openedLength(sealed.length) !== msgLength)
    return "a wrong length";
  if (hexOf(await subtle.digest("SHA-512", opened)) !== msgSha512) return "a wrong message";
  for (const [from, to] of rangesOf(msgLength)) {
    const part = await partOf(imported, context, sealed, from, to);
    if (!isEqual(part, opened.subarray(from, to))) return `a wrong part, ${from} to ${to}`;
  }
  const again = await sealMessage(imported, context, opened, (n) => sealed.slice(0, n));
  return isEqual(again, sealed) ? null : "sealed again, it differs";
}

/** Never opens, by nothing but one `Unopenable`; nor does any part if the head is at fault. */
async function judgeBroken({ key, ctx, flags }: Vector, sealed: Bytes): Promise<string | null> {
  const context = bytes(ctx);
  const opening = async () => openMessage(await importKey(bytes(key)), context, sealed);
  const whole = await refusal(opening);
  if (whole !== "refused") return whole;
  // Lengths that no message has are refused before a range can be said: any will do.
  const length = Math.max(0, sealed.length - headBytes - 16);
  for (const [from, to] of rangesOf(length)) {
    const part = await refusal(async () =>
      partOf(await importKey(bytes(key)), context, sealed, from, to),
    );
    const mayOpen = !flags.includes("HeaderFailure") && part === "opened";
    if (part !== "refused" && !mayOpen) return `${part}, ${from} to ${to}`;
  }
  return null;
}

async function refusal(opening: () => Promise<Bytes>): Promise<string> {
  try {
    await opening();
    return "opened";
  } catch (error) {
    if (!(error instanceof Unopenable)) return `another error: ${error}`;
    const said = Object.entries(error).filter(([field]) => field !== "name");
    const isBare = error.message === "" && error.cause === undefined && said.length === 0;
    return isBare ? "refused" : "the error says more than that";
  }
}

const partOf = (key: CryptoKey, context: Bytes, sealed: Bytes, from: number, to: number) => {
  const { offset, length } = sealedRange(sealed.length, from, to);
  const [head, body] = [sealed.slice(0, headBytes), sealed.slice(offset, offset + length)];
  return openPart(key, context, { sealedBytes: sealed.length, from, to, head, body });
};

/** Every pair of: both ends and the middle, beside chunks' ends, where the counter carries. */
function rangesOf(length: number): (readonly [from: number, to: number])[] {
  const beside = [chunkBytes, 2 * chunkBytes, 256 * chunkBytes].flatMap((n) => [n - 1, n, n + 1]);
  const ends = [0, 1, Math.floor(length / 2), length - 1, length, ...beside];
  const cuts = [...new Set(ends)].filter((n) => n >= 0 && n <= length).sort((a, b) => a - b);
  return cuts.flatMap((from) => cuts.filter((to) => to >= from).map((to) => [from, to] as const));
}

const judges: Readonly<Record<string, Judge>> = {
  "c2sp_chunked_encryption_aes_256_gcm_test.json": judgeChunked,
  "aes_gcm_test.json": judgeAesGcm,
  "hmac_sha256_test.json": judgeHmac("SHA-256"),
  "hmac_sha512_test.json": judgeHmac("SHA-512"),
  "hkdf_sha256_test.json": judgeHkdf("SHA-256"),
  "hkdf_sha512_test.json": judgeHkdfSha512,
  "ed25519_test.json": judgeEd25519,
};

export default {
  async fetch(request: Request): Promise<Response> {
    const file = new URL(request.url).pathname.slice(1);
    const judgeLog = tlogJudges[file];
    if (judgeLog !== undefined) {
      const whys = await judgeLog(await request.text());
      const wrong = whys.flatMap((why, i) => (why === null ? [] : { tcId: i + 1, why }));
      return Response.json({ cases: whys.length, wrong } satisfies Judged);
    }
    const judgePans = panJudges[file];
    if (judgePans !== undefined) return Response.json(judgePans(await request.text()));
    const judge = judges[file];
    if (judge === undefined) return new Response("no such vectors", { status: 404 });
    const { testGroups } = (await request.json()) as { testGroups: readonly Group[] };
    const wrong: Wrong[] = [];
    let cases = 0;
    for (const group of testGroups)
      for (const vector of group.tests) {
        cases++;
        const why = await judge(vector, group).catch((error) => `threw ${error}`);
        if (why !== null) wrong.push({ tcId: vector.tcId, why });
      }
    return Response.json({ cases, wrong } satisfies Judged);
  },
};

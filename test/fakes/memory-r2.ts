/**
 * R2 in plain Node: objects in a map, for tests that try very many orders of events. Each call
 * waits at the gate, then does all of its work at once. stores.test.ts holds it to the real one.
 * What it does not do it refuses: multipart uploads, delimiters, conditions other than etags.
 */
import { hash, randomUUID } from "node:crypto";
import type { R2Bucket } from "@cloudflare/workers-types";

export interface MemoryR2Options {
  /** Awaited once by every call, before it touches the objects. */
  readonly gate?: () => Promise<unknown>;
  /** Whether this call fails: before it did anything, or after, when only its answer is lost. */
  readonly fail?: (call: R2Call, keys: readonly string[]) => "before" | "after" | null;
  readonly nowMs?: () => number;
}
export type R2Call = "get" | "head" | "put" | "delete" | "list";

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly version: string;
  readonly uploaded: Date;
  readonly customMetadata: Readonly<Record<string, string>>;
  readonly httpMetadata: Readonly<Record<string, unknown>>;
}
export type MemoryR2Snapshot = ReadonlyMap<string, StoredObject>;

export interface MemoryR2 extends R2Bucket {
  readonly objects: Map<string, StoredObject>;
  /** Everything as it is now. */
  snapshot(): MemoryR2Snapshot;
  /** Puts everything back as it was then. */
  restore(snapshot: MemoryR2Snapshot): void;
}

const keyBytesMax = 1024;
const listedMax = 1000;

interface Conditional {
  readonly etagMatches?: string;
  readonly etagDoesNotMatch?: string;
}
interface Range {
  readonly offset?: number;
  readonly length?: number;
  readonly suffix?: number;
}
interface GetOptions {
  readonly onlyIf?: Conditional;
  readonly range?: Range;
}
interface PutOptions {
  readonly onlyIf?: Conditional;
  readonly customMetadata?: Record<string, string>;
  readonly httpMetadata?: Record<string, unknown>;
}
interface ListOptions {
  readonly prefix?: string;
  readonly startAfter?: string;
  readonly cursor?: string;
  readonly limit?: number;
  readonly include?: readonly ("customMetadata" | "httpMetadata")[];
}
type Value = ReadableStream | ArrayBuffer | ArrayBufferView | string | null | Blob;

export function memoryR2(options: MemoryR2Options = {}): MemoryR2 {
  const objects = new Map<string, StoredObject>();
  const nowMs = options.nowMs ?? Date.now;

  async function call<T>(name: R2Call, keys: readonly string[], work: () => T): Promise<T> {
    await options.gate?.();
    const failure = options.fail?.(name, keys) ?? null;
    if (failure === "before") throw new Error(`${name}: the call failed before it began`);
    const answer = work();
    if (failure === "after") throw new Error(`${name}: the answer was lost`);
    return answer;
  }

  const bucket = {
    objects,
    snapshot: () => new Map(objects),
    restore(snapshot: MemoryR2Snapshot) {
      objects.clear();
      for (const [key, object] of snapshot) objects.set(key, object);
    },
    head: (key: string) =>
      call("head", [key], () => {
        const object = objects.get(key);
        return object === undefined ? null : described(key, object);
      }),
    get: (key: string, { onlyIf = {}, range }: GetOptions = {}) =>
      call("get", [key], () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        if (!holds(onlyIf, object)) return described(key, object);
        return withBody(key, object, rangeOf(object.bytes.length, range));
      }),
    async put(key: string, value: Value, { onlyIf = {}, ...metadata }: PutOptions = {}) {
      const bytes = await bytesOf(value);
      if (Buffer.byteLength(key) > keyBytesMax)
        throw new Error("put: The specified object name is not valid. (10020)");
      return call("put", [key], () => {
        if (!holds(onlyIf, objects.get(key))) return null;
        const object: StoredObject = {
          bytes,
          etag: hash("md5", bytes, "hex"),
          version: randomUUID(),
          uploaded: new Date(nowMs()),
          customMetadata: { ...metadata.customMetadata },
          httpMetadata: { ...metadata.httpMetadata },
        };
        objects.set(key, object);
        return described(key, object);
      });
    },
    delete: (keys: string | readonly string[]) =>
      call("delete", [keys].flat(), () => {
        if ([keys].flat().length > listedMax) throw new Error("delete: too many keys");
        for (const key of [keys].flat()) objects.delete(key);
      }),
    list: (asked: ListOptions = {}) => call("list", [], () => listed(objects, asked)),
    createMultipartUpload: refuse,
    resumeMultipartUpload: refuse,
  };
  return bucket as unknown as MemoryR2;
}

function refuse(): never {
  throw new Error("not kept by this stand-in");
}

function holds(condition: Conditional, object: StoredObject | undefined): boolean {
  const { etagMatches, etagDoesNotMatch, ...others } = condition;
  if (Object.keys(others).length > 0) refuse();
  for (const etag of [etagMatches, etagDoesNotMatch])
    if (etag?.startsWith('"'))
      throw new TypeError(`Conditional ETag should not be wrapped in quotes (${etag}).`);
  const isIt = (etag: string) => object !== undefined && (etag === "*" || etag === object.etag);
  if (etagMatches !== undefined && !isIt(etagMatches)) return false;
  return etagDoesNotMatch === undefined || !isIt(etagDoesNotMatch);
}

const described = (key: string, object: StoredObject) => ({
  key,
  version: object.version,
  size: object.bytes.length,
  etag: object.etag,
  httpEtag: `"${object.etag}"`,
  uploaded: object.uploaded,
  customMetadata: { ...object.customMetadata },
  httpMetadata: { ...object.httpMetadata },
  storageClass: "",
});

function withBody(key: string, object: StoredObject, range: { offset: number; length: number }) {
  let used = false;
  const take = (): Uint8Array<ArrayBuffer> => {
    if (used) throw new TypeError("Body has already been used. It can only be used once.");
    used = true;
    return object.bytes.slice(range.offset, range.offset + range.length);
  };
  const text = async () => new TextDecoder().decode(take());
  return {
    ...described(key, object),
    range,
    get body() {
      return new Blob([take()]).stream();
    },
    get bodyUsed() {
      return used;
    },
    arrayBuffer: async () => take().buffer,
    bytes: async () => take(),
    blob: async () => new Blob([take()]),
    text,
    json: async () => JSON.parse(await text()) as unknown,
  };
}

/** What lies in the object of what was asked; nothing at all is an error. */
function rangeOf(size: number, range: Range | undefined): { offset: number; length: number } {
  if (range === undefined) return { offset: 0, length: size };
  const offset =
    range.suffix === undefined ? (range.offset ?? 0) : Math.max(0, size - range.suffix);
  const length = Math.min(range.length ?? size, size - offset);
  if (offset < 0 || length <= 0)
    throw new Error("get: The requested range is not satisfiable (10039)");
  return { offset, length };
}

/** A copy: the caller may overwrite what it gave. */
async function bytesOf(value: Value): Promise<Uint8Array<ArrayBuffer>> {
  if (value === null || value === undefined) return new Uint8Array();
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  return new Uint8Array(await new Response(value).arrayBuffer());
}

/** As UTF-8 orders; without surrogates that is the order of the characters themselves. */
function bytewise(a: string, b: string): number {
  if (surrogates.test(a) || surrogates.test(b))
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
const surrogates = /[\ud800-\udfff]/;

function listed(objects: ReadonlyMap<string, StoredObject>, asked: ListOptions) {
  const {
    prefix = "",
    startAfter = "",
    cursor,
    limit = listedMax,
    include = [],
    ...others
  } = asked;
  if (Object.keys(others).length > 0) refuse();
  if (!(limit > 0 && limit <= listedMax))
    throw new Error("list: MaxKeys params must be positive integer <= 1000. (10022)");
  const after = cursor === undefined ? startAfter : Buffer.from(cursor, "base64").toString();
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(prefix) && (after === "" || bytewise(key, after) > 0))
    .sort(bytewise);
  const page = keys.slice(0, limit).map((key) => {
    const object = described(key, objects.get(key) as StoredObject);
    if (!include.includes("customMetadata")) object.customMetadata = {};
    if (!include.includes("httpMetadata")) object.httpMetadata = {};
    return object;
  });
  const last = page.at(-1)?.key;
  return keys.length > limit && last !== undefined
    ? {
        objects: page,
        truncated: true,
        cursor: Buffer.from(last).toString("base64"),
        delimitedPrefixes: [],
      }
    : { objects: page, truncated: false, delimitedPrefixes: [] };
}

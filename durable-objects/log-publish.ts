/**
 * What a log shows the world: tiles of hashes and a signed checkpoint over them. One at a time, and
 * never over an entry that is not durable. A log that finds more, or something else, in public than
 * it has itself was put back to an earlier state: it halts, for good, as nothing it could say next
 * would be consistent with what it said before.
 */
import {
  type Checkpoint,
  checkpointText,
  parseCheckpoint,
  parseHash,
} from "../kernel/tlog/checkpoint.ts";
import { emptyRoot, type Hash, isSameHash } from "../kernel/tlog/merkle.ts";
import {
  base64Of,
  bytesOf,
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
  type Verifier,
} from "../kernel/tlog/note.ts";
import { numberPath } from "../kernel/tlog/tile.ts";
import type { LogStore } from "./log-store.ts";
import { LogTiles } from "./log-tiles.ts";

export class LogHalted extends Error {
  constructor(why: string) {
    super(`LogHalted: ${why}`);
    this.name = "LogHalted";
  }
}

export interface LogConfig {
  /** The log's number. */
  readonly log: string;
  readonly origin: string;
  /** The 32 bytes of the Ed25519 key. */
  readonly key: Uint8Array;
  readonly witnesses: readonly string[];
}

export interface PublishHost {
  readonly store: LogStore;
  readonly bucket: R2Bucket;
  /** Entries that are durable. */
  readonly size: () => number;
  readonly durably: (work: () => void) => Promise<void>;
}

type LogSigner = Awaited<ReturnType<typeof noteSigner>>;
interface Keys {
  readonly signer: LogSigner;
  readonly own: Verifier;
  readonly witnesses: readonly Verifier[];
}
interface Shown {
  readonly note: string;
  readonly etag: string;
}

/** A checkpoint at least every so many entries, so that a long backlog needs no more memory. */
const entriesPerStepMax = 16_384;
const notesTriedMax = 64;

export class Publisher {
  readonly #config: LogConfig;
  readonly #host: PublishHost;
  readonly #tiles: LogTiles;
  #keys: Promise<Keys> | null = null;
  #ready: Promise<void> | null = null;
  #alone: Promise<unknown> = Promise.resolve();
  /** The checkpoint as it lies in the bucket. */
  #shown: Shown | null = null;
  #halted: LogHalted | null = null;

  constructor(config: LogConfig, host: PublishHost) {
    this.#config = config;
    this.#host = host;
    this.#tiles = new LogTiles(host.bucket, config.log);
  }

  get published(): number {
    return Number(this.#host.store.meta.get("published") ?? 0);
  }
  get witnessed(): number {
    return Number(this.#host.store.meta.get("witnessed") ?? 0);
  }
  get notes(): number {
    return Number(this.#host.store.meta.get("notes") ?? 0);
  }

  /** Once an object's life, before anything else: rejects with LogHalted ever after. */
  ready(): Promise<void> {
    if (this.#halted !== null) return Promise.reject(this.#halted);
    this.#ready ??= this.#compare().catch((error: unknown) => {
      this.#ready = null;
      if (error instanceof LogHalted) this.#halted = error;
      throw error;
    });
    return this.#ready;
  }

  publish(): Promise<string> {
    return this.#oneAtATime(async () => {
      await this.ready();
      const size = this.#host.size();
      while (this.published < size)
        await this.#step(Math.min(size, this.published + entriesPerStepMax));
      return this.#shown === null || (await this.#shownSize()) < size
        ? this.#show(size, await this.#root(), null)
        : this.#shown.note;
    });
  }

  /**
   * 1. Tiles: a crash after some of them leaves bytes that the next try writes again, the same.
   * 2. The checkpoint: a crash after it leaves the object behind what is public; the next life
   *    finds it there, makes the same tree of its own entries and notes it.
   * 3. What is published is noted.
   */
  async #step(to: number): Promise<void> {
    const grown = await this.#grow(to);
    await this.#tiles.write(grown);
    await this.#show(to, grown.root, null);
    await this.#note(to, grown.root);
  }

  async #grow(to: number) {
    const published = { size: this.published, root: await this.#root() };
    return this.#tiles.grow(published, to, (first, end) =>
      this.#host.store.texts(first, end, end - first),
    );
  }

  #note(size: number, root: Hash): Promise<void> {
    return this.#host.durably(() => {
      this.#host.store.meta.set("published", String(size));
      this.#host.store.meta.set("root", base64Of(root));
    });
  }

  /** Swapped by its etag: an earlier life's checkpoint that arrives late does not undo a newer. */
  async #show(size: number, root: Hash, given: string | null): Promise<string> {
    const { signer } = await this.#loadKeys();
    const { origin, log } = this.#config;
    const note = given ?? (await signNote(checkpointText({ origin, size, root }), signer));
    const onlyIf =
      this.#shown === null ? { etagDoesNotMatch: "*" } : { etagMatches: this.#shown.etag };
    const put = await this.#host.bucket
      .put(`${log}/checkpoint`, note, {
        onlyIf,
        httpMetadata: { contentType: "text/plain; charset=utf-8", cacheControl: "no-store" },
      })
      .catch((error: unknown) => {
        this.#ready = null;
        throw error;
      });
    if (put === null) {
      this.#ready = null;
      throw new Error("the checkpoint was written by somebody else");
    }
    this.#shown = { note, etag: put.etag };
    return note;
  }

  // -- on waking -----------------------------------------------------------------------------

  /** What is public has to be a state of this log's own entries. */
  async #compare(): Promise<void> {
    const object = await this.#host.bucket.get(`${this.#config.log}/checkpoint`);
    if (object === null) {
      this.#shown = null;
      return;
    }
    const note = await object.text();
    const { own } = await this.#loadKeys();
    const opened = await openNote(note, [own]);
    const seen = opened === null ? null : parseCheckpoint(opened.text);
    if (seen === null || seen.origin !== this.#config.origin)
      throw new LogHalted("the public checkpoint is not this log's");
    await this.#compareTo(seen);
    this.#shown = { note, etag: object.etag };
  }

  async #compareTo({ size, root }: Checkpoint): Promise<void> {
    if (size > this.#host.size())
      throw new LogHalted(`${size} entries are public, ${this.#host.size()} are here`);
    if (size <= this.published) {
      if (await this.#isOurs(size, root)) return;
      throw new LogHalted(`another tree is public at ${size}`);
    }
    const grown = await this.#grow(size);
    if (!isSameHash(grown.root, root)) throw new LogHalted(`another tree is public at ${size}`);
    await this.#tiles.write(grown);
    await this.#note(size, root);
  }

  async #isOurs(size: number, root: Hash): Promise<boolean> {
    return this.#tiles.beganWith(size, root, this.published, await this.#root());
  }

  /** Of what is published. */
  async #root(): Promise<Hash> {
    const noted = this.#host.store.meta.get("root");
    return (noted === null ? null : parseHash(noted)) ?? (await emptyRoot());
  }

  async #shownSize(): Promise<number> {
    const { own } = await this.#loadKeys();
    const opened = await openNote(this.#shown?.note ?? "", [own]);
    return (opened === null ? null : parseCheckpoint(opened.text))?.size ?? -1;
  }

  // -- witnesses -----------------------------------------------------------------------------

  /**
   * 1. The note is judged: nothing of it is believed but signatures and our own tree.
   * 2. It is kept under the next number. A crash here leaves one that was never counted; the next
   *    note finds it and counts it.
   * 3. It is counted.
   * 4. The public checkpoint carries the co-signatures. A crash before leaves it without, until the
   *    next one.
   */
  cosigned(given: string): Promise<"kept" | "refused"> {
    return this.#oneAtATime(async () => {
      await this.ready();
      const judged = await this.#judge(given);
      if (judged === null || judged.size < this.witnessed) return "refused";
      if (this.notes > 0 && judged.size === this.witnessed) return "kept";
      const notes = await this.#keep(judged.note);
      await this.#host.durably(() => {
        this.#host.store.meta.set("notes", String(notes));
        this.#host.store.meta.set("witnessed", String(judged.size));
      });
      if (judged.size === this.published) await this.#show(judged.size, judged.root, judged.note);
      return "kept";
    });
  }

  /** The note with no lines but our own and our witnesses'. */
  async #judge(given: string): Promise<(Checkpoint & { readonly note: string }) | null> {
    const { own, witnesses } = await this.#loadKeys();
    const opened = await openNote(given, [own, ...witnesses]);
    const checkpoint = opened === null ? null : parseCheckpoint(opened.text);
    if (opened === null || checkpoint === null) return null;
    const by = (key: Verifier) =>
      opened.verified.some(({ name, keyId }) => name === key.name && keyId === key.keyId);
    if (!by(own) || !witnesses.some(by)) return null;
    if (checkpoint.origin !== this.#config.origin || checkpoint.size > this.published) return null;
    if (!(await this.#isOurs(checkpoint.size, checkpoint.root))) return null;
    return { ...checkpoint, note: `${opened.text}\n${linesOf(given, opened).join("")}` };
  }

  /** How many notes there are now. */
  async #keep(note: string): Promise<number> {
    const { bucket } = this.#host;
    for (let n = this.notes; n < this.notes + notesTriedMax; n++) {
      const key = `${this.#config.log}/witnessed/${numberPath(n)}`;
      const put = await bucket.put(key, note, {
        onlyIf: { etagDoesNotMatch: "*" },
        httpMetadata: { contentType: "text/plain; charset=utf-8" },
      });
      if (put !== null || (await (await bucket.get(key))?.text()) === note) return n + 1;
    }
    throw new Error(`${notesTriedMax} co-signed checkpoints were never counted`);
  }

  // ------------------------------------------------------------------------------------------

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#alone.then(work, work);
    this.#alone = done.catch(() => undefined);
    return done;
  }

  #loadKeys(): Promise<Keys> {
    this.#keys ??= loadKeys(this.#config);
    return this.#keys;
  }
}

async function loadKeys(config: LogConfig): Promise<Keys> {
  const signer = await noteSigner(config.origin, config.key);
  const verifier = async (key: string): Promise<Verifier> => {
    const parsed = await parseVerifierKey(key);
    if (parsed === null) throw new Error(`${key} is no verifier key`);
    return parsed;
  };
  const own = await verifier(signer.verifierKey);
  return { signer, own, witnesses: await Promise.all(config.witnesses.map(verifier)) };
}

type Opened = NonNullable<Awaited<ReturnType<typeof openNote>>>;

/** Signature lines of keys that verified, with their line ends. */
function linesOf(note: string, { text, verified }: Opened): string[] {
  const lines = note.slice(text.length + 1).split(/(?<=\n)/);
  return lines.filter((line) => {
    const [, name, signature = ""] = line.trimEnd().split(" ");
    const bytes = bytesOf(signature);
    const keyId = bytes === null ? null : new DataView(bytes.buffer).getUint32(0);
    return verified.some((key) => key.name === name && key.keyId === keyId);
  });
}

/**
 * Answers that are the same for everybody, kept for a second: by the isolate, and between isolates of
 * a data centre by its cache. Who asks while one is being made waits for that one. One that failed is
 * kept for nobody. What is shown is therefore never older than `freshMs`, and however many ask, what
 * lies behind is asked once a second.
 */
import type { Instant } from "../../domain/time.ts";
import { cacheControl, etagOf, type Tagged } from "./etag.ts";

export const freshMs = 1_000;
/** At most some 20 kB each. */
const answersMax = 256;
/** Longer nobody waits for another's: its request may have been broken off. */
const waitMsMax = 2_000;
/** One that was broken off, and the one that took its place. */
const waitsMax = 2;

export interface SharedAnswer extends Tagged {
  /** When its making began; nothing in it is older. */
  readonly madeAtMs: Instant;
}

/** Where other isolates leave theirs. It may forget, and be slow; it never fails. */
export interface Nearby {
  get(key: string): Promise<SharedAnswer | null>;
  put(key: string, answer: SharedAnswer): Promise<void>;
}

export interface Asked {
  /** An address: equal for equal questions, and only for those. */
  readonly key: string;
  readonly nowMs: Instant;
  /** Keeps a request alive whose client has gone, while others wait for what it makes. */
  readonly later: (work: Promise<unknown>) => void;
  make(): Promise<string>;
}

interface Making {
  readonly sinceMs: Instant;
  readonly answer: Promise<SharedAnswer>;
}

export class SharedAnswers {
  /** Least lately asked for first. */
  readonly #kept = new Map<string, SharedAnswer>();
  readonly #making = new Map<string, Making>();
  readonly #nearby: Nearby;
  readonly #answersMax: number;
  readonly #waitMsMax: number;

  constructor(nearby: Nearby, bounds: { answersMax?: number; waitMsMax?: number } = {}) {
    this.#nearby = nearby;
    this.#answersMax = bounds.answersMax ?? answersMax;
    this.#waitMsMax = bounds.waitMsMax ?? waitMsMax;
  }

  /** Rejects as `make` does. */
  async answer(asked: Asked): Promise<SharedAnswer> {
    const { key, nowMs } = asked;
    const kept = this.#kept.get(key);
    if (kept !== undefined && isFresh(kept, nowMs)) {
      this.#keep(key, kept);
      return kept;
    }
    let broken: Making | null = null;
    for (let i = 0; i < waitsMax; i++) {
      const making = this.#making.get(key) ?? null;
      if (making === broken || making === null) break;
      if (nowMs - making.sinceMs >= this.#waitMsMax) break;
      const made = await within(making.answer, this.#waitMsMax);
      if (made !== null) return made;
      broken = making;
    }
    return this.#make(asked);
  }

  #make(asked: Asked): Promise<SharedAnswer> {
    const { key, nowMs, later } = asked;
    const answer = this.#found(asked);
    const making = { sinceMs: nowMs, answer };
    this.#making.set(key, making);
    const done = () => {
      if (this.#making.get(key) === making) this.#making.delete(key);
    };
    later(answer.then(done, done));
    return answer;
  }

  async #found({ key, nowMs, later, make }: Asked): Promise<SharedAnswer> {
    const near = await this.#nearby.get(key);
    if (near !== null && isFresh(near, nowMs)) {
      this.#keep(key, near);
      return near;
    }
    const body = await make();
    const made = { body, etag: await etagOf(body), madeAtMs: nowMs };
    this.#keep(key, made);
    later(this.#nearby.put(key, made));
    return made;
  }

  /** What took longer to make does not take the place of what began after it. */
  #keep(key: string, answer: SharedAnswer): void {
    if ((this.#kept.get(key)?.madeAtMs ?? 0) > answer.madeAtMs) return;
    this.#kept.delete(key);
    this.#kept.set(key, answer);
    if (this.#kept.size <= this.#answersMax) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }
}

/** One from a machine whose clock is ahead is no fresher than one of this moment. */
const isFresh = ({ madeAtMs }: SharedAnswer, nowMs: Instant): boolean =>
  Math.abs(nowMs - madeAtMs) < freshMs;

/** Null: not within that time. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const over = new Promise<null>((done) => {
    timer = setTimeout(() => done(null), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

const madeAtHeader = "x-made-at-ms";

/** The data centre's cache. It works on a domain of one's own only; elsewhere it finds nothing. */
export const dataCentre: Nearby = {
  async get(key) {
    try {
      const found = await caches.default.match(key);
      if (found === undefined) return null;
      const [etag, madeAt] = [found.headers.get("etag"), found.headers.get(madeAtHeader)];
      const body = await found.text();
      return etag === null || madeAt === null ? null : { body, etag, madeAtMs: Number(madeAt) };
    } catch {
      return null;
    }
  },
  async put(key, { body, etag, madeAtMs }) {
    const headers = {
      "content-type": "application/json",
      "cache-control": cacheControl.shared,
      etag,
      [madeAtHeader]: String(madeAtMs),
    };
    try {
      await caches.default.put(key, new Response(body, { headers }));
    } catch {
      // It is made again where it is asked for again.
    }
  },
};

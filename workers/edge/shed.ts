/**
 * What one isolate has in hand at once, so that more than it can do is refused before anything was
 * done for it, and what was begun is finished. Each kind of work has a bound of its own: a flood of
 * one leaves the others theirs. A body that is still on its way is counted apart, for a sender who is
 * slow keeps nobody from working, and the bytes of all bodies have a bound together. Whoever hangs up
 * may take the work with them, and then nobody gives its place back: a place ends by itself.
 * Why these numbers: docs/limits.md.
 */
import * as z from "zod";
import type { Instant } from "../../domain/time.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { Hands, type HandsOf } from "./shed-hands.ts";

/**
 * What was asked, by what it costs: to look · what a provider delivers · to change · what an issuer or
 * a provider is asked for meanwhile · much at once.
 */
export const kinds = ["read", "delivery", "write", "errand", "heavy"] as const;
export type Kind = (typeof kinds)[number];
type Narrowed = "read" | "delivery" | "write";

/** So many at once in an isolate; `arriving`: whose bodies are on their way, of every kind. */
export const inHandMax = {
  ...{ read: 128, delivery: 128, write: 64, errand: 64, heavy: 8, arriving: 256 },
};
/**
 * Of what is narrowed where it takes long. An errand waits for others, and what is heavy takes its
 * time: how long they take says nothing.
 */
export const handsOf: Readonly<Record<Narrowed, HandsOf>> = {
  read: { first: 64, least: 32, slowMs: 1_000 },
  delivery: { first: 32, least: 8, slowMs: 1_000 },
  write: { first: 16, least: 4, slowMs: 2_000 },
};
/** Of those in hand, when this share of them has waited long, nobody waits for the first to be done. */
const stuckShare = 1 / 4;
/** Of all bodies that an isolate holds. Of its 128 MB; what is made of a body takes several times it. */
export const bodyBytesHeldMax = 24 * 1024 * 1024;
/** Then the answer is 503, and what the work comes to is not known. */
export const workMsMax: Readonly<Record<Kind, number>> = {
  read: 30_000,
  // The longest that any provider waits for its answer.
  delivery: 30_000,
  write: 60_000,
  errand: 60_000,
  heavy: 300_000,
};
/** Seconds until whoever was turned away may come again: not all at the same moment. */
export const waitSecondsMin = 2;
export const waitSecondsMax = 10;

/** `chance`: from 0 to below 1. */
export const waitSeconds = (chance: number): number =>
  waitSecondsMin + Math.floor(chance * (waitSecondsMax - waitSecondsMin + 1));

export const chanceNow = (): number => {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn / 2 ** 32;
};

type Row = Kind | "arriving";
const narrowed: readonly Narrowed[] = ["read", "delivery", "write"];
const isNarrowed = (kind: Kind): kind is Narrowed => narrowed.includes(kind as Narrowed);

/** What a deployment may set. */
export interface InHandMax extends Readonly<Record<Row, number>> {
  /** Whether there are fewer in hand while they take long; absent: yes. */
  readonly narrows?: boolean;
}

interface Held {
  row: Row;
  sinceMs: Instant;
  bytes: number;
}

/** What a request that was taken in holds until it is answered. */
export interface Place {
  /** Its body is waited for, and nothing done meanwhile. False: too many are on their way. */
  awaitsBody(): boolean;
  /** The body is here. False: no hand is free now. */
  hasBody(): boolean;
  /** So many more bytes of its body are kept. False: there is no room for them. */
  keeps(bytes: number): boolean;
  /** `isDone`: a refusal that was quick says nothing of how long work takes. */
  leave(isDone: boolean): void;
}

export class InHand {
  readonly #now: () => Instant;
  /** By row; in each, the longest there come first. */
  readonly #rows: Readonly<Record<Row, Set<Held>>> = {
    ...{ read: new Set(), delivery: new Set(), write: new Set(), errand: new Set() },
    ...{ heavy: new Set(), arriving: new Set() },
  };
  readonly #hands: Readonly<Record<Narrowed, Hands>> = {
    read: new Hands(handsOf.read),
    delivery: new Hands(handsOf.delivery),
    write: new Hands(handsOf.write),
  };
  #bytes = 0;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** So many are in hand, or on their way. */
  count(row: Row): number {
    return this.#rows[row].size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Null: as much of this kind is in hand as may be. */
  enter(kind: Kind, most: InHandMax): Place | null {
    if (most.narrows !== false) this.#look(kind);
    if (!this.#hasRoom(kind, most)) return null;
    const held: Held = { row: kind, sinceMs: this.#now(), bytes: 0 };
    this.#rows[kind].add(held);
    const move = (to: Row): boolean => {
      const wasHere = this.#rows[held.row].delete(held);
      const isTaken = wasHere && this.#hasRoom(to, most);
      if (!isTaken) this.#drop(held);
      else this.#rows[to].add(Object.assign(held, { row: to, sinceMs: this.#now() }));
      return isTaken;
    };
    return {
      awaitsBody: () => move("arriving"),
      hasBody: () => move(kind),
      keeps: (bytes) => this.#keep(held, bytes),
      leave: (isDone) => {
        const isHere = this.#drop(held) && held.row === kind;
        if (isHere) this.#done(kind, this.#age(held), isDone);
      },
    };
  }

  /** False: it was gone. */
  #drop(held: Held): boolean {
    this.#bytes -= held.bytes;
    held.bytes = 0;
    return this.#rows[held.row].delete(held);
  }

  /** Many that are not done yet say as much as one that is. */
  #look(kind: Kind): void {
    if (!isNarrowed(kind)) return;
    const all = [...this.#rows[kind]];
    if (all.length < handsOf[kind].least) return;
    const stuck = all[Math.floor(all.length * stuckShare)];
    if (stuck !== undefined && this.#age(stuck) >= handsOf[kind].slowMs)
      this.#narrow(kind, this.#age(stuck));
  }

  #age({ sinceMs }: Held): number {
    return this.#now() - sinceMs;
  }

  #done(kind: Kind, ms: number, isDone: boolean): void {
    if (!isNarrowed(kind) || (!isDone && ms < handsOf[kind].slowMs)) return;
    // Itself counts as well.
    const inHand = this.#rows[kind].size + 1;
    if (this.#hands[kind].done(inHand, ms)) this.#narrow(kind, ms);
  }

  /** What changes gives way to what looks: it can be said again, and nobody waits to see it. */
  #narrow(kind: Narrowed, ms: number): void {
    for (const each of kind === "read" ? narrowed : [kind])
      this.#hands[each].narrow(this.#rows[each].size, ms, this.#now());
  }

  #keep(held: Held, bytes: number): boolean {
    if (!this.#rows[held.row].has(held)) return false;
    if (this.#bytes + bytes > bodyBytesHeldMax) this.#dropOver();
    if (this.#bytes + bytes > bodyBytesHeldMax) return false;
    this.#bytes += bytes;
    held.bytes += bytes;
    return true;
  }

  #hasRoom(row: Row, most: InHandMax): boolean {
    const isOpen = row === "arriving" || !isNarrowed(row) || most.narrows === false;
    const room = isOpen ? most[row] : this.#hands[row].open(most[row]);
    if (this.#rows[row].size >= room) this.#dropOver();
    return this.#rows[row].size < room;
  }

  /** Those whose time is over: whoever waited for them was answered, or has gone. */
  #dropOver(): void {
    for (const [row, all] of Object.entries(this.#rows) as [Row, Set<Held>][])
      for (const held of all)
        if (this.#age(held) >= workMsMax[row === "arriving" ? "write" : row]) this.#drop(held);
  }
}

/** This isolate's. */
export const inHand = new InHand(Date.now);

const places = new WeakMap<Request, Place>();
export const keepPlace = (request: Request, place: Place): void => void places.set(request, place);
/** Undefined: nobody counts it. */
export const placeOf = (request: Request): Place | undefined => places.get(request);

let read: { readonly text: string; readonly most: InHandMax } = { text: "{}", most: inHandMax };

/** The bounds, but for those that the deployment sets (JSON: some of `InHandMax`). */
export function inHandMaxOf(text = "{}"): InHandMax {
  if (read.text === text) return read.most;
  read = { text, most: { ...inHandMax, ...settingIn(text) } };
  return read.most;
}

const some = z.number().int().min(1).optional();
const settingShape = z.strictObject({
  ...{ read: some, delivery: some, write: some, errand: some, heavy: some, arriving: some },
  narrows: z.boolean().optional(),
});

/** Throws what is wrong with it. */
export const parseInHand = (text: string): Partial<InHandMax> =>
  settingShape.parse(JSON.parse(text)) as Partial<InHandMax>;

/** A setting that is none counts as none, and is said once: a bound is needed in any case. */
function settingIn(text: string): Partial<InHandMax> {
  try {
    return parseInHand(text);
  } catch {
    logLine({ worker: "edge", event: "setting", outcome: "faulty", reason: "IN_HAND" });
    return {};
  }
}

/** What the work comes to, or "late" when its time is over. It may go on; nobody waits for it. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T | "late"> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<"late">((over) => {
    timer = setTimeout(() => over("late"), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const sayEveryMs = 10_000;

/** How many were refused, by why: one line now and then, for a line each costs more than a refusal. */
export class Refusals {
  readonly #unsaid = new Map<string, number>();
  readonly #saidMs = new Map<string, Instant>();

  count(reason: string, nowMs: Instant): void {
    const items = (this.#unsaid.get(reason) ?? 0) + 1;
    const isTime = nowMs - (this.#saidMs.get(reason) ?? Number.NEGATIVE_INFINITY) >= sayEveryMs;
    this.#unsaid.set(reason, isTime ? 0 : items);
    if (!isTime) return;
    this.#saidMs.set(reason, nowMs);
    logLine({ worker: "edge", event: "refused", reason, items });
  }
}

export const refusals = new Refusals();

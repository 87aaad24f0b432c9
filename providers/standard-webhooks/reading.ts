/**
 * Reading an entry strictly: a field that is absent or null is not stated; one of the wrong type or
 * out of its bounds is a fault with a slug that names it. The first fault is the entry's.
 */
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { type Fields, momentOf, textOf } from "../untrusted.ts";
import { type Amount, idCharsMax, type Text } from "./bounds.ts";

export class Entry {
  /** Null: none so far. */
  fault: ItemFault | null = null;
  readonly fields: Fields;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  /** Null, and the fault noted. */
  bad(fault: ItemFault): null {
    this.fault ??= fault;
    return null;
  }

  amount(name: string, { max, fault }: Amount): number | null {
    const v = this.fields[name] ?? null;
    if (v === null) return null;
    return typeof v === "number" && v >= 0 && v <= max ? v : this.bad(fault);
  }

  text(name: string, { charsMax, fault }: Text): string | null {
    const v = this.fields[name] ?? null;
    if (v === null || v === "") return null;
    return typeof v === "string" && v.length <= charsMax ? v : this.bad(fault);
  }

  word<W extends string>(name: string, words: readonly W[], fault: ItemFault): W | null {
    const v = this.fields[name] ?? null;
    return v === null ? null : (words.find((word) => word === v) ?? this.bad(fault));
  }

  moment(name: string, missing: ItemFault) {
    const moment = momentOf(this.fields[name]);
    if (moment === "no-zone") return this.bad("no-zone");
    return moment ?? this.bad(missing);
  }

  /** A text, or a whole number that is not negative. */
  id(): string | null {
    const v = this.fields.id;
    if (Number.isSafeInteger(v) && Number(v) >= 0) return String(v);
    const text = textOf(v, idCharsMax + 1);
    return text !== null && text.length <= idCharsMax ? text : this.bad("no-id");
  }

  /** What orders the statements of one record: `revision`, or `updatedAt` in milliseconds. */
  revision(receivedMs: Instant): number | null {
    const { revision = null, updatedAt = null } = this.fields;
    if (revision !== null)
      return Number.isSafeInteger(revision) && Number(revision) >= 0
        ? Number(revision)
        : this.bad("bad-revision");
    if (updatedAt === null) return this.bad("no-revision");
    const atMs = this.moment("updatedAt", "bad-updated-at")?.atMs ?? null;
    return atMs === null || atMs <= receivedMs + msPerDay ? atMs : this.bad("bad-updated-at");
  }
}

/** Under which name a record is kept: within its sender, where one is named. */
export const sourceIdOf = (sender: unknown, id: string): string =>
  typeof sender === "string" ? JSON.stringify([sender, id]) : id;

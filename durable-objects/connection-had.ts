/**
 * What was had of each record: a digest of what it looked like when it was last taken whole, with all
 * that belongs to it. What looks the same is not read again, so reading a window again costs its lists
 * alone. What is retracted here is known to be gone. It is a memory for thrift: where it is wrong by
 * forgetting, a record is read once more. Readings that change while their record looks the same are
 * noticed where a notice with proof says so, and looked for again where there were none; else a
 * provider's file says what to look at, by `pull.mark`.
 */
import type { FactId } from "../domain/identity.ts";
import type { Instant } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import type { Provider, Pull } from "../providers/provider.ts";
import type { ObjectStorage } from "./host.ts";

/** The newest are kept, by when they happened. */
export const hadMax = 2_000;
const version = 1;

/**
 * Of what an item looks like, to this edition of its provider's file; null: it cannot be written
 * down, as one that is too deep cannot, and is read each time.
 */
export async function markOf(
  { digest }: Pick<AcceptPorts, "digest">,
  { edition }: Provider,
  pull: Pull,
  collection: string,
  item: unknown,
): Promise<string | null> {
  const look = lookOf(pull, item);
  return look === null ? null : digest(["mark", version, edition, collection, look]);
}

function lookOf(pull: Pull, item: unknown): string | null {
  try {
    return pull.mark?.(item) ?? JSON.stringify(item) ?? "";
  } catch {
    return null;
  }
}

export class Had {
  readonly #sql: SqlStorage;
  /** Grows when all is forgotten: what was read before is not to be remembered after. */
  times = 0;

  constructor({ sql }: Pick<ObjectStorage, "sql">) {
    this.#sql = sql;
  }

  has(fact: string, mark: string): boolean {
    return this.#row(fact)?.mark === mark;
  }

  /** Whether it was retracted here, and has not come again since. */
  isGone(fact: FactId): boolean {
    return this.#row(fact)?.mark === null;
  }

  keep(fact: string, mark: string, atMs: Instant): void {
    this.#sql.exec(
      `INSERT INTO had (fact, mark, at) VALUES (?, ?, ?)
       ON CONFLICT (fact) DO UPDATE SET mark = excluded.mark, at = excluded.at`,
      fact,
      mark,
      atMs,
    );
  }

  /** It was taken, though not whole. */
  drop(fact: string): void {
    this.#sql.exec("DELETE FROM had WHERE fact = ?", fact);
  }

  retracted(fact: string, nowMs: Instant): void {
    this.#sql.exec(
      `INSERT INTO had (fact, mark, at) VALUES (?, NULL, ?)
       ON CONFLICT (fact) DO UPDATE SET mark = NULL, at = excluded.at`,
      fact,
      nowMs,
    );
    this.trim();
  }

  /** What is given by now may be more, or may be taken again. */
  forget(): void {
    this.times++;
    this.#sql.exec("DELETE FROM had");
  }

  #row(fact: string): { readonly mark: string | null } | undefined {
    return this.#sql
      .exec<{ mark: string | null }>("SELECT mark FROM had WHERE fact = ?", fact)
      .toArray()[0];
  }

  /** To be done once a page was remembered. */
  trim(): void {
    this.#sql.exec(
      `DELETE FROM had WHERE fact IN
         (SELECT fact FROM had ORDER BY at DESC LIMIT -1 OFFSET ${hadMax})`,
    );
  }
}

/**
 * The log of who looked, as its object, the vault, the edge and the witness see it. There are
 * several logs, numbered from 0; a member's entries are in the one that their pseudonym names.
 */
import type { Action, DeedName, EntryDraft, Outcome } from "./audit.ts";
import type { MemberId } from "./identity.ts";
import type { OrRefusal, Page } from "./ports.ts";
import type { Instant, LocalDate } from "./time.ts";

export interface Appended {
  readonly index: number;
  readonly atMs: Instant;
}

/** An entry with what came of it. `text` is exactly what was hashed. */
export interface EntryRow extends Appended {
  readonly text: string;
  /** Of an intent: the entry that closed it. */
  readonly closedBy: { readonly index: number; readonly text: string } | null;
}

/** Entries of deeds only (a closing comes with the deed that it closes). Both times included. */
export interface EntryQuery {
  /** Pseudonym. */
  readonly member: string | null;
  readonly actor: string | null;
  readonly action: Action | null;
  readonly fromMs: Instant | null;
  readonly toMs: Instant | null;
}

export interface ArchivedDay {
  readonly day: LocalDate;
  readonly first: number;
  readonly last: number;
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

export interface LogStatus {
  readonly size: number;
  /** Size of the checkpoint that is published, and of the newest that the witness co-signed. */
  readonly published: number;
  readonly witnessed: number;
  /** How many co-signed checkpoints there are: `witnessed/<n>`, numbered from 0. */
  readonly notes: number;
  /** The first entry that is not in the archive. */
  readonly firstRecent: number;
}

/** One log: `durable-objects/log.ts`. Every method rejects once the log has halted. */
export interface LogPort {
  /** Returns once all of them are sequenced and durable, in this order, without a gap. */
  append(
    drafts: readonly EntryDraft[],
  ): Promise<readonly Appended[] | { readonly refused: "too-many" }>;
  /** Of what is not in the archive, newest first, below `before`; `limit` at most. */
  recent(query: EntryQuery, before: number | null, limit: number): Promise<readonly EntryRow[]>;
  /** Texts of entries from one index to before another that are not in the archive. */
  texts(from: number, to: number): Promise<readonly string[]>;
  /** Newest first, of those that a query of these times may touch. */
  archived(fromMs: Instant | null, toMs: Instant | null): Promise<readonly ArchivedDay[]>;
  status(): Promise<LogStatus>;
  /** Everything appended so far is in the public tiles; the signed checkpoint. */
  publish(): Promise<string>;
  /** Keeps a co-signed checkpoint that the witness's key verifies and the log itself signed. */
  cosigned(note: string): Promise<"kept" | "refused">;
  /** Moves at most one day that is over to the archive; how many entries went. */
  keepHouse(nowMs: Instant): Promise<number>;
}

/** Where an entry is: the log's number and the entry's index in it. */
export interface EntryPlace {
  readonly log: number;
  readonly index: number;
}

/** For those who may see the entry. */
export interface ShownEntry {
  readonly place: EntryPlace;
  readonly closedBy: number | null;
  readonly atMs: Instant;
  readonly deed: DeedName;
  readonly action: Action;
  readonly actor: string;
  readonly actorName: string | null;
  readonly actorRole: string;
  /** Pseudonym. */
  readonly member: string;
  readonly columns: readonly string[];
  readonly purpose: string;
  /** As the closing says; "pending", then "unknown" for an intent that nothing closed. */
  readonly outcome: string;
  readonly ground: string;
  readonly rows: number;
}

export interface AccessQuery {
  readonly actor: string | null;
  readonly action: Action | null;
  readonly fromMs: Instant | null;
  readonly toMs: Instant | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface DeedAsked {
  readonly deed: DeedName;
  /** Whose data; null: nobody's. */
  readonly member: MemberId | null;
  readonly columns: readonly string[];
  readonly purpose: string;
}

export interface LogKeys {
  readonly log: number;
  readonly origin: string;
  readonly status: LogStatus;
  /** Verifier keys, as c2sp.org/signed-note says. */
  readonly key: string;
  readonly witnesses: readonly string[];
}

/** The vault's `log` entrypoint. */
export interface AuditPort {
  /**
   * The intent of a deed that the edge does itself, under the caller's own token; what it names may
   * be done only once this has returned.
   */
  begin(token: string, asked: DeedAsked): Promise<OrRefusal<EntryPlace>>;
  /**
   * The same for the one deed that members do without their token at hand: a link that they began
   * with it comes back by their browser. `not-found`: nobody is this member any more.
   */
  beginLink(member: MemberId): Promise<OrRefusal<EntryPlace>>;
  end(place: EntryPlace, outcome: Outcome): Promise<void>;
  /** Whether the caller may see another member's open workouts; said in the log before it is told. */
  mayListWorkouts(token: string, member: MemberId): Promise<OrRefusal<{ permitted: true }>>;

  /** The caller's own entries, newest first; `invalid`: a cursor that is none. */
  mine(token: string, query: AccessQuery): Promise<OrRefusal<Page<ShownEntry>>>;
  /** For auditors; `member`: an id, resolved while its key lives. Said in the log itself. */
  entries(
    token: string,
    query: AccessQuery & { readonly member: MemberId | null },
  ): Promise<OrRefusal<Page<ShownEntry>>>;
  /** A c2sp.org/tlog-proof for the member whose entry it is, or for an auditor. */
  proof(token: string, place: EntryPlace): Promise<OrRefusal<{ readonly proof: string }>>;
  /** For auditors: the entry bundle `tile/entries/<n>`, whole or as far as is published. */
  bundle(token: string, log: number, n: number): Promise<OrRefusal<{ readonly bytes: Uint8Array }>>;

  /** What everybody may see. */
  logs(): Promise<readonly LogKeys[]>;
  /** A public file of a log: checkpoint, tile/…, witnessed/…; null: not there. */
  file(log: number, path: string): Promise<Uint8Array | null>;

  /** For the witness: an add-checkpoint request from the size it knows; null: nothing new. */
  checkpointFor(log: number, known: number): Promise<string | null>;
  cosigned(log: number, note: string): Promise<"kept" | "refused">;
}

/**
 * What the vault is asked for, by entrypoint: `seal` writes, `open` acts with a caller's own token,
 * `connect` (connect-ports.ts) speaks to providers, `work` hands back nothing restricted. Part of `ports.ts`, where
 * everybody imports it from.
 */
import type { ExportPort } from "./export-ports.ts";
import type { ConnectionId, MemberId } from "./identity.ts";
import type { EntryPlace } from "./log-ports.ts";
import type { OpenFact, OpenStatement } from "./ports.ts";
import type { MergedSamples, SampleViews, SampleWork, Zones } from "./samples-ports.ts";
import type { Retraction, Revision } from "./stream.ts";
import type { Instant } from "./time.ts";

/** A column's value as JSON text; null empties it; a column that is absent is not spoken of. */
export interface SealedRow {
  readonly row: string;
  readonly revision: Revision;
  readonly columns: Readonly<Record<string, string | null>>;
}

/** A bad item of a known account: sealed whole, listed without its content, replayable. */
export interface ParkedItem {
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly provider: string;
  readonly reason: string;
  readonly body: string;
}

export type SealOutcome = "sealed" | "forgotten";

/** Write only: nothing comes back but whether it was kept. */
export interface SealPort {
  seal(
    member: MemberId,
    connection: ConnectionId,
    rows: readonly SealedRow[],
  ): Promise<SealOutcome>;
  retract(member: MemberId, rows: readonly Retraction[]): Promise<void>;
  /** Parking the same item twice keeps it once. */
  park(items: readonly ParkedItem[]): Promise<SealOutcome>;
  /** Whether an erasure of the member's, or of something of theirs, is still being finished. */
  isErasing(member: MemberId): Promise<boolean>;
}

export interface Caller {
  readonly issuer: string;
  readonly subject: string;
  readonly roles: readonly Role[];
  readonly issuedAtMs: Instant;
}
export const roles = [
  "member",
  "coach",
  "operator",
  "auditor",
  "artist",
  "label",
  "merchandiser",
  "finance",
  "scientist",
] as const;
export type Role = (typeof roles)[number];

export interface Refusal {
  readonly refused:
    | "unauthenticated"
    | "forbidden"
    | "not-found"
    | "last-open-shard"
    | "busy"
    | "too-many"
    | "not-witnessed"
    | "invalid";
}
export type OrRefusal<T> = T | Refusal;
export const isRefusal = (answer: object): answer is Refusal => "refused" in answer;

export interface Reading {
  readonly row: string;
  readonly column: string;
  /** Of the sealed value: grows whenever it is sealed anew. */
  readonly version: number;
  /** JSON text: an array of samples, or a text. */
  readonly value: string;
}

/** A place in a row's samples; a value that is no series has one sample. */
export interface SamplePlace {
  readonly row: string;
  readonly sample: number;
}

export interface ReadRequest {
  readonly member: MemberId;
  readonly column: string;
  readonly purpose: string;
  /** The rows asked for, best first; the caller's ledger knows which they are. */
  readonly rows: readonly string[];
  /** Those of them that nobody but the member is shown, whatever consent there is. */
  readonly ownRows: readonly string[];
  /** `first`: only the best row that has the column (one workout). `all`: every row (a range). */
  readonly take: "first" | "all";
  /** Only samples of this time, both ends included; null: all of them. */
  readonly span: { readonly fromMs: Instant; readonly toMs: Instant } | null;
  /** The page begins here; null: at the beginning. */
  readonly after: SamplePlace | null;
  /** Samples in one answer, at most. */
  readonly limit: number;
}
export interface ReadAnswer {
  /** Where the log says that this was read. */
  readonly entry: EntryPlace;
  readonly readings: readonly Reading[];
  /** Where the next page begins; null: this was all. */
  readonly next: SamplePlace | null;
}

export interface Grantee {
  readonly kind: "member" | "role";
  readonly id: string;
}
export interface ConsentDraft {
  /** A forbid beats every permit that it meets. */
  readonly effect: "permit" | "forbid";
  readonly grantee: Grantee;
  readonly columns: readonly string[];
  readonly purpose: string;
  /** The period that it holds for, both ends included; null: open. */
  readonly notBeforeMs: Instant | null;
  readonly notAfterMs: Instant | null;
}
export interface Consent extends ConsentDraft {
  readonly id: string;
  readonly version: number;
  readonly grantedAtMs: Instant;
  readonly revokedAtMs: Instant | null;
}

/** An operator's access without consent: a reason, a few minutes, and the member is told. */
export interface BreakGlass {
  readonly id: string;
  readonly member: MemberId;
  readonly operator: string;
  readonly atMs: Instant;
  readonly untilMs: Instant;
}
export interface BreakGlassNotice extends BreakGlass {
  readonly reason: string;
}

/** Somebody who lets the caller read something. */
export interface RosterEntry {
  readonly member: MemberId;
  readonly name: string | null;
  /** Those in force now. */
  readonly consents: readonly Consent[];
}

/** What everybody but the member sees of a track is cut by this at its start and its end. */
export interface PrivacyZones {
  /** Within this of where the track begins or ends. */
  readonly endsM: number;
  readonly places: readonly {
    readonly lat: number;
    readonly lon: number;
    readonly radiusM: number;
  }[];
}

/** `rows`: of one workout or of a window of time; the caller's ledger knows which they are. */
export type ErasureScope =
  | { readonly kind: "member" }
  | { readonly kind: "connection"; readonly connection: ConnectionId }
  /** `of`: the stream whose they are; absent: workouts. */
  | { readonly kind: "rows"; readonly rows: readonly string[]; readonly of?: string };

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Reads with the caller's own token, which the vault verifies itself. */
export interface OpenPort extends ExportPort, SampleViews {
  /** Binds the token's person to the member id that the edge chose; a second id is refused. */
  enrol(token: string, member: MemberId): Promise<OrRefusal<{ member: MemberId }>>;
  rename(token: string, displayName: string): Promise<OrRefusal<{ renamed: true }>>;
  readings(token: string, request: ReadRequest): Promise<OrRefusal<ReadAnswer>>;
  consents(token: string): Promise<OrRefusal<{ items: Consent[]; breakGlass: BreakGlassNotice[] }>>;
  grant(token: string, draft: ConsentDraft): Promise<OrRefusal<Consent>>;
  revoke(token: string, consent: string): Promise<OrRefusal<{ revoked: string }>>;
  /** Those who let the caller read something, for their own roles or by name. */
  roster(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<RosterEntry>>>;
  /** An operator reads one member's columns for a few minutes; logged, flagged and told. */
  breakGlass(token: string, member: MemberId, reason: string): Promise<OrRefusal<BreakGlass>>;
  privacyZones(token: string): Promise<OrRefusal<PrivacyZones>>;
  setPrivacyZones(token: string, zones: PrivacyZones): Promise<OrRefusal<PrivacyZones>>;
  /** Display names, of members who chose to be seen on boards or of the caller. Not readings. */
  names(members: readonly MemberId[]): Promise<Record<string, string>>;
  /** Tombstone first, then keys, then rows. Asked again after a crash, it goes on. */
  erase(
    token: string,
    scope: ErasureScope,
  ): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>>;
  /** Rows of the caller's own that were erased for good may be sealed again. */
  lift(token: string, rows: readonly string[]): Promise<OrRefusal<{ lifted: number }>>;
}
export interface ErasureStep {
  readonly step: string;
  readonly atMs: Instant;
  readonly count: number;
}

export interface ParkedEntry {
  readonly id: string;
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly provider: string;
  readonly reason: string;
  readonly atMs: Instant;
}
/** Of the provider's own stream: to be recorded there. */
export interface ReplayedItem {
  readonly entry: ParkedEntry;
  readonly statements: readonly OpenStatement[];
}
/** Of samples: merged, and their facts are to be recorded in the samples ledger. */
export interface ReplayedSamples {
  readonly entry: ParkedEntry;
  readonly merged: MergedSamples;
  /** What of it could still not be read, so that it stays parked. */
  readonly still: string | null;
}
/** Nothing of it was taken. */
export interface NotReplayed {
  readonly still: string;
  /** It is of samples, and cannot be read before it is said how this account's member lives. */
  readonly wanted?: ParkedEntry;
}
export type Replayed = ReplayedItem | ReplayedSamples | NotReplayed;
/** What the vault does not know of a parked item's member and connection. */
export interface ReplayedBy {
  readonly zones: Zones;
  /** What was measured up to then was forgotten and is not taken; null: everything is. */
  readonly forgottenToMs: Instant | null;
}

/** Facts of one call: each costs a few reads, and some writes when it is not only looked at. */
export const rereadFactsMax = 25;

/** Reading sealed raw slices again, by what the provider's file says today. */
export interface RereadRequest {
  readonly member: MemberId;
  /** The facts as the ledger holds them now, open fields only. */
  readonly held: readonly OpenFact[];
  /** True: only says what would change. */
  readonly dryRun: boolean;
}
export interface RereadFact {
  readonly id: string;
  /**
   * same: reads as before. changed. same-edition: reads otherwise, though by no newer edition, so
   * nothing changes. unreadable: not readable by today's rules, which `reason` names; nothing
   * changes. no-raw: nothing is kept that it could be read from; nothing changes.
   */
  readonly outcome: "same" | "changed" | "same-edition" | "unreadable" | "no-raw";
  /** Open fields that differ: before and after. */
  readonly fields: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
  /** Names of restricted columns whose content differs. */
  readonly columns: readonly string[];
  readonly reason: string | null;
}
export interface RereadAnswer {
  readonly facts: readonly RereadFact[];
  /** To be recorded; empty in a dry run. */
  readonly statements: readonly OpenStatement[];
}

/** Works on sealed things and hands back nothing restricted. */
export interface WorkPort extends SampleWork {
  /** How many items are parked, for the balance. */
  parkedCount(token: string): Promise<OrRefusal<{ count: number }>>;
  /** An operator erases for somebody who asked for it; the reason stands in the log. */
  erase(
    token: string,
    member: MemberId,
    scope: ErasureScope,
    reason: string,
  ): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>>;
  reread(token: string, request: RereadRequest): Promise<OrRefusal<RereadAnswer>>;
  parked(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<ParkedEntry>>>;
  /**
   * Reads a parked item again by today's rules, seals its parts and returns the open ones. One of
   * samples needs `by`: without it, whose it is is all that is answered.
   */
  replay(token: string, id: string, by: ReplayedBy | null): Promise<OrRefusal<Replayed>>;
  /** Forgets a parked item once its statements are recorded. */
  unpark(token: string, id: string): Promise<OrRefusal<{ unparked: string }>>;
  /** Epochs, root keys and shards as they are. */
  keys(token: string): Promise<OrRefusal<KeysStatus>>;
  /**
   * A bounded step of wrapping every member key under a new epoch (`epoch`), or every epoch under a
   * new root key (`root`). Begins one if none is under way; asked until `done`.
   */
  rotate(token: string, what: "epoch" | "root"): Promise<OrRefusal<RotationStatus>>;
  /** Opens a shard for new members, or closes it; members stay where they are. */
  openShard(token: string, shard: number, open: boolean): Promise<OrRefusal<KeysStatus>>;
  /** A bounded step of making a restored shard whole again; asked until `done`. */
  restore(token: string, shard: number): Promise<OrRefusal<RestoreStatus>>;
}
export interface ShardStatus {
  readonly shard: number;
  readonly open: boolean;
  readonly members: number;
  readonly bytes: number;
  /** True when its databases are older than what was erased from them. */
  readonly restored: boolean;
  /** True when it has members or takes some, and is not bound or not migrated: no epoch ends. */
  readonly missing: boolean;
  /** Keys under older epochs, counted while a rotation is under way; it ends when none is left. */
  readonly left: number;
}
export interface KeysStatus {
  readonly epoch: number;
  readonly epochMadeAtMs: Instant;
  /** Epochs that still exist; more than one while a rotation is under way. */
  readonly epochs: readonly number[];
  /** Those wrapped under an older root key than the present one. */
  readonly underOldRoot: number;
  readonly shards: readonly ShardStatus[];
}
export interface RotationStatus {
  readonly what: "epoch" | "root";
  readonly epoch: number;
  /** Wrapped anew by this step, and still to do. */
  readonly rewrapped: number;
  readonly left: number;
  readonly done: boolean;
}
export interface RestoreStatus {
  readonly shard: number;
  readonly steps: readonly ErasureStep[];
  readonly done: boolean;
}

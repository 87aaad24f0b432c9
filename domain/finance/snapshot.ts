/**
 * Snapshots to learn from: a merchant's lines of some business days, copied once under a name. A
 * snapshot says which objects it is, and of which versions of the archive each was copied. Only a
 * redaction ever changes one.
 */
import type { ConnectionId, MemberId, PersonId } from "../identity.ts";
import type { LocalDate } from "../time.ts";

/** Of one snapshot, at most. */
export const snapshotDaysMax = 366;

export interface SnapshotObject {
  readonly object: string;
  readonly day: LocalDate;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** The archive's partitions that it was copied from: bucket and version. */
  readonly versions: readonly (readonly [bucket: number, version: number])[];
}

/**
 * What a line is copied with. `person` stays, so that baskets can be learned from; no card, and no
 * reference by which a gateway could say whose it was.
 */
export const snapshotColumns = [
  "id",
  "day",
  "at",
  "store",
  "region",
  "currency",
  "provider",
  "connection",
  "sale",
  "line",
  "kind",
  "sku",
  "quantity",
  "amount_minor",
  "person",
] as const;

/** All snapshots of a merchant lie under one folder. */
export const merchantFolder = (merchant: MemberId): string => `${merchant}/`;
export const snapshotFolder = (merchant: MemberId, name: string): string =>
  `${merchantFolder(merchant)}${name}/`;
export const snapshotObject = (merchant: MemberId, name: string, day: LocalDate): string =>
  `${snapshotFolder(merchant, name)}${day}.parquet`;

/**
 * person: they are named no more, and what they bought stays. connection: what came by these goes.
 * all: the merchant is gone, and every snapshot.
 */
export type RedactionScope =
  | { readonly kind: "person"; readonly person: PersonId }
  | { readonly kind: "connection"; readonly connections: readonly ConnectionId[] }
  | { readonly kind: "all" };

export interface Redaction {
  readonly merchant: MemberId;
  readonly scope: RedactionScope;
  /** Of an erasure that waits for it: `snapshots` is taken off what it waits for. */
  readonly receipt?: string;
}

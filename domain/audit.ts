/**
 * What stands in the log of who looked: one vocabulary of deeds, each of one of four actions, and
 * the exact text of an entry. An entry holds pseudonyms and internal ids, never a reading.
 */
import { formatMoment, type Instant } from "./time.ts";

export const actions = ["view", "edit", "delete", "admin"] as const;
export type Action = (typeof actions)[number];

/** Everything that can be done to a member's data, or to the keys above it. */
export const deeds = {
  "read-readings": "view",
  "list-workouts": "view",
  "see-roster": "view",
  "see-profile": "view",
  "see-settings": "view",
  "see-holds": "view",
  "see-parked": "view",
  "read-samples": "view",
  "see-devices": "view",
  "set-device-order": "edit",
  "see-goals": "view",
  "set-goals": "edit",
  "acknowledge-insight": "edit",
  "query-log": "view",
  "export-log": "view",
  enrol: "edit",
  "change-profile": "edit",
  "set-privacy-zones": "edit",
  "grant-consent": "edit",
  "revoke-consent": "edit",
  share: "edit",
  "see-shares": "view",
  "open-share": "view",
  "revoke-share": "delete",
  "see-insights": "view",
  import: "edit",
  split: "edit",
  join: "edit",
  "take-back": "edit",
  connect: "edit",
  "sync-now": "edit",
  "lift-forgotten": "edit",
  export: "view",
  "read-export": "view",
  "drop-export": "delete",
  follow: "edit",
  unfollow: "delete",
  "see-friends": "view",
  "make-team": "edit",
  "join-team": "edit",
  "leave-team": "delete",
  "renew-team-code": "edit",
  "see-teams": "view",
  "see-challenges": "view",
  "join-challenge": "edit",
  "leave-challenge": "delete",
  "make-challenge": "edit",
  "change-challenge": "edit",
  "end-challenge": "delete",
  "erase-member": "delete",
  "erase-connection": "delete",
  "erase-workouts": "delete",
  disconnect: "delete",
  "list-listens": "view",
  "erase-listens": "delete",
  "see-artist": "view",
  "see-royalties": "view",
  "set-royalty-pool": "admin",
  "state-royalties": "admin",
  "see-stores": "view",
  "set-stock": "edit",
  "see-books": "view",
  "put-settlement": "edit",
  "see-snapshots": "view",
  "make-snapshot": "edit",
  "reveal-card": "view",
  "forget-customer": "delete",
  "set-readers": "admin",
  replay: "admin",
  reread: "admin",
  "see-archive": "admin",
  "see-providers": "admin",
  "see-dead-letters": "view",
  "replay-dead-letter": "admin",
  settle: "admin",
  unpark: "admin",
  "clear-hold": "admin",
  "put-back-hold": "admin",
  "break-glass": "admin",
  "keys-status": "admin",
  "rotate-epoch": "admin",
  "rotate-root": "admin",
  "open-shard": "admin",
  "close-shard": "admin",
  "restore-shard": "admin",
} as const satisfies Readonly<Record<string, Action>>;
export type DeedName = keyof typeof deeds;
export const isDeed = (name: string): name is DeedName => Object.hasOwn(deeds, name);

/**
 * `intended`: only its outcome says what came of it. An intent that nothing closes within
 * `unclosedAfterMs` is shown as unknown, never left out.
 */
export const intended = "intended";
export const unclosedAfterMs = 60_000;

export interface Outcome {
  /** permitted, refused, failed, unchanged; `intended` in an intent. */
  readonly outcome: string;
  /** own, a consent's id, `break-glass:` and its id, or why it was refused. */
  readonly ground: string;
  readonly rows: number;
}

/** Something done or tried. `member`: their pseudonym; empty for nobody's or an unknown one's. */
export interface DeedDraft extends Outcome {
  readonly deed: DeedName;
  readonly actor: string;
  readonly role: string;
  readonly member: string;
  readonly columns: readonly string[];
  readonly purpose: string;
}
/** What came of the intent with that index, in the same log. */
export interface ClosingDraft extends Outcome {
  readonly closes: number;
}
export type EntryDraft = DeedDraft | ClosingDraft;
export const isClosing = (draft: EntryDraft): draft is ClosingDraft => "closes" in draft;

const version = 1;

/** The bytes that are hashed, as text: JSON with its keys in this order. Salt: 16 bytes, base64url. */
export function entryText(draft: EntryDraft, salt: string, atMs: Instant): string {
  const head = { v: version, salt, at: formatMoment(atMs) };
  const { outcome, ground, rows } = draft;
  if (isClosing(draft))
    return JSON.stringify({ ...head, closes: draft.closes, outcome, ground, rows });
  const { deed, actor, role, member, columns, purpose } = draft;
  return JSON.stringify({
    ...head,
    deed,
    action: deeds[deed],
    actor,
    role,
    member,
    columns,
    purpose,
    outcome,
    ground,
    rows,
  });
}

/** What an entry says; null when this is no text of an entry. */
export function parseEntry(text: string): EntryDraft | null {
  try {
    const said = JSON.parse(text) as DeedDraft & ClosingDraft & { readonly v: number };
    if (said.v !== version || typeof said.outcome !== "string") return null;
    const { outcome, ground, rows } = said;
    if (typeof said.closes === "number") return { closes: said.closes, outcome, ground, rows };
    if (typeof said.deed !== "string" || !isDeed(said.deed)) return null;
    const { deed, actor, role, member, columns, purpose } = said;
    return { deed, actor, role, member, columns, purpose, outcome, ground, rows };
  } catch {
    return null;
  }
}

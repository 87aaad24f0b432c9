/**
 * What a provider is: one exported object whose fields stand in the order data travels. Everything
 * but the signature check is a pure function that returns a result. A request and its page are
 * twins: one describes the call, the other judges the answer, neither does I/O.
 */
import type { Budget } from "../domain/budget.ts";
import type { AppRequest, Callback, ProviderReply, ProviderRequest } from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import type { StreamName } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import type { SignatureRecipe } from "./signature.ts";

/** What a source says of one record, in its stream's fields, before identities are made. */
export type Draft =
  | {
      readonly sourceId: string;
      /** Null: the source orders nothing, so the ledger numbers the content as it comes. */
      readonly revision: number | null;
      readonly fields: Readonly<Record<string, unknown>>;
      /** The record that this one is a forwarded copy of, in its own provider's words. */
      readonly copyOf: { readonly provider: string; readonly sourceId: string } | null;
      /** This member's own slice of the body as it came, and the column it is sealed in. */
      readonly raw: { readonly column: string; readonly text: string };
    }
  | { readonly sourceId: string; readonly revision: number; readonly retracted: true };

export const isRetractedDraft = (d: Draft): d is Extract<Draft, { retracted: true }> =>
  "retracted" in d;

/** One item of a body that carries data, still in the provider's shape. */
export interface Item {
  readonly account: string;
  /** Which kind of item, by the provider's own word. */
  readonly kind: string;
  readonly body: unknown;
}

/** A notice that something changed; what changed has to be fetched. */
export interface AccountNotice {
  readonly account: string;
  readonly collection: string;
  readonly fromMs: Instant;
  readonly toMs: Instant;
  readonly gone: string | null;
  /** Where the data lies; `parse` has checked that it is the provider's own. */
  readonly callback?: Callback | null;
}

/** Something said of an account that anyone could have said; kept, and changes nothing yet. */
export interface AccountClaim {
  readonly account: string;
  readonly claim: string;
}

export interface Delivery {
  readonly items: readonly Item[];
  readonly notices: readonly AccountNotice[];
  readonly claims: readonly AccountClaim[];
  /** Entries that no rule here understands, counted. */
  readonly unknown: number;
}

export const nothing: Delivery = { items: [], notices: [], claims: [], unknown: 0 };

export type ParseFault = "not-json" | "not-understood";
/** Why one item could not be read: a short slug without any of its content. */
export type ItemFault = string;

export interface PullStep {
  readonly collection: string;
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

/** What a fetched page holds, and what to ask for next. */
export interface PulledPage {
  readonly items: readonly unknown[];
  readonly next: string | null;
}
/**
 * again: ask later. reconnect: the member must. gone: it is not there. broken: the answer cannot be
 * trusted. refused: this is not to be had from this account, and asking again changes nothing.
 */
export type PageFault = "again" | "reconnect" | "gone" | "broken" | "refused";

/** What an address that the provider named came to. */
export interface Fetched {
  readonly drafts: readonly Draft[];
  readonly bad: readonly { readonly reason: ItemFault; readonly body: unknown }[];
}

/** How a provider's data is fetched after a notice. */
export interface Pull {
  /** The pages of a window, of a collection. */
  list(step: PullStep, cursor: string | null): ProviderRequest;
  /** One record by the provider's own id, to learn whether it is really gone. */
  one(collection: string, sourceId: string): ProviderRequest;
  page(reply: ProviderReply): Result<PulledPage, PageFault>;
  /** The requests for the readings that belong to one pulled item; none when it has none. */
  readings(item: unknown): PullStep | null;
  /** Joins an item with its readings into what `normalise` takes. */
  join(item: unknown, readings: readonly unknown[]): unknown;
  /** What all of it is called; a silent connection is re-read, and history fetched, by these. */
  readonly collections: readonly string[];
}

/** How what lies at a callback is read. */
export interface Callbacks {
  /** Whether a collection's address gives a file. */
  as(collection: string): "json" | "bytes";
  read(
    collection: string,
    reply: ProviderReply,
    receivedMs: Instant,
  ): Promise<Result<Fetched, PageFault>>;
}

/** When a connection acts by itself. */
export interface Habit {
  /** Without a word for so long, it is re-read; null: there is no way to. */
  readonly silentMs: number | null;
  /** Of a provider that sends no notices: read this often, somewhere between the two. */
  readonly pollMs: readonly [min: number, max: number] | null;
  /** How far back a re-reading goes. */
  readonly rereadMs: number;
}

/** How history is had: in steps, the newest first. */
export interface Backfill {
  /** The provider's limit, or ours. */
  readonly days: number;
  readonly stepDays: number;
  /** Of a provider that is asked for a stretch and sends it later; absent: `pull` reads it. */
  readonly asked?: {
    requests(step: {
      readonly fromMs: Instant;
      readonly toMs: Instant;
    }): readonly ProviderRequest[];
    /** asked: it will come. none: older than what it gives. */
    judge(reply: ProviderReply): Result<"asked" | "none", PageFault>;
  };
}

/** A scope, in the provider's own word, and why it is asked for in ours. */
export interface Scope {
  readonly scope: string;
  readonly why: string;
  /** Without it nothing can be read. */
  readonly needed: boolean;
}

/** What the provider has to be told from time to time so that it sends its notices. */
export interface Subscription {
  /** What may be asked for in the name of the app: paths that begin with one of these. */
  readonly appPaths: readonly string[];
  /** What is there now. */
  look(setup: SubscriptionSetup): AppRequest;
  /** active: nothing to do, until then (null: for ever). A request: what mends it. */
  judge(
    setup: SubscriptionSetup,
    reply: ProviderReply,
  ): Result<{ readonly active: true; readonly until: Instant | null } | AppRequest, PageFault>;
}
export interface SubscriptionSetup {
  readonly webhookUrl: string;
  /** What its notices are to carry as proof. */
  readonly secret: string;
  /** The deployment's own name at the provider. */
  readonly project: string;
}

/** What of a fact is known in the open when a raw slice of it is read again. */
export type OpenFields = Readonly<Record<string, unknown>>;

export interface Provider {
  readonly name: string;
  readonly stream: StreamName;
  /**
   * Which edition of this file's reading it is: 1 is the first. To be raised when `normalise` learns
   * to read what it is given otherwise; what is sealed can then be read again (docs/replay.md).
   */
  readonly edition: number;
  readonly facts: {
    readonly title: string;
    /**
     * push: bodies carry data. notice: they say what to fetch. poll: it says nothing. device: a
     * member's own app sends.
     */
    readonly delivery: "push" | "notice" | "poll" | "device";
    readonly bodyBytesMax: number;
    /** The status that tells this provider "received". */
    readonly received: 200 | 201 | 202 | 204;
    /** May values that only this source knows be shown to others? */
    readonly othersMaySee: boolean;
    /**
     * What the agreement demands of what came by an account once the provider itself confirms that
     * the account withdrew its consent.
     */
    readonly onDeauthorised: "erase" | "keep";
    /** What orders its statements of one record. */
    readonly revision: string;
    readonly documentation: string;
    readonly readOn: string;
  };
  readonly signature: SignatureRecipe;
  parse(body: string): Result<Delivery, ParseFault>;
  readonly pull?: Pull;
  readonly callbacks?: Callbacks;
  readonly habit?: Habit;
  readonly backfill?: Backfill;
  /** Absent: never called, or nothing is known; then a cautious default holds. */
  readonly budget?: Budget;
  readonly subscription?: Subscription;
  /** Reads one item; `receivedMs` only bounds what a broken clock may claim. */
  normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault>;
  /**
   * The twin of a draft's `raw`: the item that a sealed slice of this column was, so that it can be
   * normalised again. Null: no such column. Absent: what is kept raw is not enough to be read from.
   */
  again?(column: string, slice: unknown, held: OpenFields): Omit<Item, "account"> | null;
  /** How an account is linked: the member grants, the code is exchanged, it says who it is. */
  readonly link?: {
    readonly tokenPath: string;
    /** What else the page where members grant is asked with (RFC 6749, section 4.1.1). */
    readonly authorise: Readonly<Record<string, string>>;
    readonly scopes: readonly Scope[];
    /** How the app proves itself for tokens: in the form, or by HTTP Basic. */
    readonly client: "form" | "basic";
    /** What may be asked for with a member's token: paths that begin with one of these. */
    readonly paths: readonly string[];
    readonly identity: ProviderRequest;
    accountOf(identity: unknown): string | null;
    /** The same person's account at the provider that this one took the place of. */
    formerly?(identity: unknown): { readonly provider: string; readonly account: string } | null;
    /** What the provider itself says that the account grants now. */
    readonly permissions?: {
      readonly request: ProviderRequest;
      /** Null: the answer says nothing. */
      granted(reply: ProviderReply): readonly string[] | null;
      /** Without one of these nothing can be read. */
      readonly needed: readonly string[];
    };
    /**
     * How the provider is told that the account's consent has ended. With a form: the token itself,
     * under that name, to the host that gives tokens; without one: to the others, as their bearer.
     */
    readonly revoke?: {
      readonly method: "POST" | "DELETE";
      readonly path: string;
      readonly form?: "token";
    };
  };
}

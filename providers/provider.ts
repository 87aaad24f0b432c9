/**
 * What a provider is: one exported object whose fields stand in the order data travels. Everything
 * but the signature check is a pure function that returns a result. A request and its page are
 * twins: one describes the call, the other judges the answer, neither does I/O.
 */
import type { Budget } from "../domain/budget.ts";
import type { Callback, ProviderReply, ProviderRequest } from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import type { StreamName } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import type { DisplayField } from "../domain/workouts/schema.ts";
import type { Credential, MemberKeyLink, OAuthLink, ReferenceLink } from "./link.ts";
import type { Greeting, SignatureRecipe } from "./recipe.ts";
import type { SampleSource } from "./samples.ts";
import type { MemberSubscription, Subscription } from "./subscribe.ts";

/** What a source says of one record, in its stream's fields, before identities are made. */
export type Draft =
  | {
      readonly sourceId: string;
      /** Null: the source orders nothing, so the ledger numbers the content as it comes. */
      readonly revision: number | null;
      readonly fields: Readonly<Record<string, unknown>>;
      /** The record that this one is a forwarded copy of, in its own provider's words. */
      readonly copyOf: { readonly provider: string; readonly sourceId: string } | null;
      /** Whom it is about, by the source's own name of them, where that is not its member. */
      readonly person?: string | null;
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
  /** One record that is new or has changed, by its own id; then `fromMs` is `toMs`: no window. */
  readonly record?: string | null;
  /** It says neither when nor which: what came lately is read, as far back as a re-reading goes. */
  readonly lately?: true;
  /** Where the data lies; `parse` has checked that it is the provider's own. */
  readonly callback?: Callback | null;
}

/** Something said of an account that anyone could have said; kept, and changes nothing yet. */
export interface AccountClaim {
  readonly account: string;
  readonly claim: string;
}

/**
 * Said with proof: whose an account is. reference: the word that its member was given here. formerly:
 * an account of the same person's, whose place it takes.
 */
export interface AccountLink {
  readonly account: string;
  readonly by: { readonly reference: string } | { readonly formerly: string };
}

/** Said with proof, and newly: the account gives no more. Its member may link it again. */
export interface AccountEnd {
  readonly account: string;
  readonly why: "grant-ended" | "permission-withdrawn";
  /** When it was so, in what is signed, the same however often it is sent; null: it does not say. */
  readonly saidMs: Instant | null;
}

/** Said with proof, and newly: an account of which that was said gives again. */
export interface AccountGrant {
  readonly account: string;
  readonly saidMs: Instant | null;
}

/** Said with proof: one of whom an account's facts tell is to be forgotten. */
export interface Forgetting {
  readonly account: string;
  /** By the source's own name of them, as drafts have it. */
  readonly person: string;
}

/** Of a delivery, beside its body. */
export interface Said {
  header(name: string): string | null;
}

/** Who sent it, as far as the edge knows. */
export interface Sender {
  /** ISO 3166-1 alpha-2 of the address that it came from; the address itself is kept nowhere. */
  readonly country: string | null;
}

/** Where a source's items hold card numbers, which become tokens before anything else happens. */
export interface CardFields {
  /** Paths of them, each `a.b`, with `*` for every element of a list. */
  readonly paths: readonly string[];
  /** Whose cards these are, as drafts have it. */
  person(item: unknown): string | null;
}

export interface Delivery {
  readonly items: readonly Item[];
  readonly notices: readonly AccountNotice[];
  readonly claims: readonly AccountClaim[];
  readonly links?: readonly AccountLink[];
  readonly ends?: readonly AccountEnd[];
  readonly grants?: readonly AccountGrant[];
  readonly forgettings?: readonly Forgetting[];
  /**
   * Of the samples: items that `samples.read` takes, and notices whose collection, where
   * `samples.collections` has it, is to be pulled. Any other is known, and nothing comes of it.
   */
  readonly later?: {
    readonly items: readonly Item[];
    readonly notices: readonly AccountNotice[];
  };
  /** Entries that no rule here understands, counted. */
  readonly unknown: number;
}

/** The account of an item whose delivery says by its key whose it is. */
export const senders = "";

export const nothing: Delivery = { items: [], notices: [], claims: [], unknown: 0 };

export type ParseFault = "not-json" | "not-understood";
/** Why one item could not be read: a short slug without any of its content. */
export type ItemFault = string;

export interface PullStep {
  readonly collection: string;
  readonly fromMs: Instant;
  readonly toMs: Instant;
  /** Of readings that are asked for by the record that they belong to: its own id. */
  readonly of?: string;
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
  /**
   * `step`: what was listed, or whose readings; null or absent: one record was asked for. `cursor`:
   * as `list` was given it.
   */
  page(
    reply: ProviderReply,
    step?: PullStep | null,
    cursor?: string | null,
  ): Result<PulledPage, PageFault>;
  /** The requests for the readings that belong to one pulled item; none when it has none. */
  readings(item: unknown): PullStep | null;
  /** Joins an item with its readings into what `normalise` takes. */
  join(item: unknown, readings: readonly unknown[]): unknown;
  /**
   * What of an item changes whenever the record does, the same in a list and alone. A record whose
   * mark was had is not read again. Absent: all of the item.
   */
  mark?(item: unknown): string;
  /** Its readings are still being made there, so it is read once more later, a few times. */
  isUnfinished?(item: unknown, readings: readonly unknown[]): boolean;
  /**
   * The account whose the item is, where it says so: what another's token may also see is not taken.
   * Null: it does not say.
   */
  accountIn?(item: unknown): string | null;
  /** What all of it is called; a silent connection is re-read, and history fetched, by these. */
  readonly collections: readonly string[];
  /** How far back a list goes at most: what is older, it does not miss. Absent: as far as asked. */
  readonly listedDays?: number;
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

export type OthersMaySee = boolean | { readonly allBut: readonly DisplayField[] };

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
    /** And the JSON that has to stand under it, exactly. */
    readonly receivedJson?: Readonly<Record<string, string>>;
    /** Or the text. */
    readonly receivedText?: string;
    /** How long it waits for that; null: it does not say. */
    readonly answerWithinMs: number | null;
    /**
     * Anybody who learns the address could have said what a delivery says: it carries notices and
     * claims alone, and each is worth one reading at the provider, by the member's own token.
     */
    readonly hearsay?: true;
    /**
     * May values that only this source knows be shown to others? No, but for: those fields are its
     * owner's alone, and never score.
     */
    readonly othersMaySee: OthersMaySee;
    /** Makers whose records, when this one passes them on, are their owner's alone all the same. */
    readonly ownerOnlyFrom?: readonly string[];
    /**
     * What the agreement demands of what came by an account once the provider itself confirms that
     * the account withdrew its consent.
     */
    readonly onDeauthorised: "erase" | "keep";
    /** What names a record for good. */
    readonly identity: string;
    /** What orders its statements of one record. */
    readonly revision: string;
    /** How it says that a record is gone; begins with "never" where it does not. */
    readonly deletion: string;
    /** How it says that an account withdrew; begins with "never" where it does not. */
    readonly deauthorisation: string;
    /** How it states where, on the clock, a workout was. */
    readonly timeZone: string;
    /** What could not be ascertained or is said in two ways, and how it is read here. */
    readonly doubts: readonly string[];
    /** Switched off by its provider that day: what was recorded before can still be read. */
    readonly ended?: string;
    readonly documentation: string;
    readonly readOn: string;
  };
  readonly signature: SignatureRecipe;
  readonly greeting?: Greeting;
  parse(body: string, said?: Said): Result<Delivery, ParseFault>;
  /** Of a stream that keeps what is sanitised. */
  readonly cards?: CardFields;
  readonly pull?: Pull;
  readonly callbacks?: Callbacks;
  readonly habit?: Habit;
  readonly backfill?: Backfill;
  /** Absent: never called, or nothing is known; then a cautious default holds. */
  readonly budget?: Budget;
  readonly subscription?: Subscription;
  readonly memberSubscription?: MemberSubscription;
  /** Reads one item; `receivedMs` only bounds what a broken clock may claim. */
  normalise(
    kind: string,
    item: unknown,
    receivedMs: Instant,
    sender?: Sender,
  ): Result<Draft, ItemFault>;
  /**
   * The twin of a draft's `raw`: the item that a sealed slice of this column was, so that it can be
   * normalised again. Null: no such column. Absent: what is kept raw is not enough to be read from.
   */
  again?(column: string, slice: unknown, held: OpenFields): Omit<Item, "account"> | null;
  /** What feeds the samples, and how it is read. */
  readonly samples?: SampleSource;
  /** By which headers the app proves itself in its own name; absent: by HTTP Basic. */
  readonly appHeaders?: Readonly<Record<string, Credential>>;
  /** Or by which parameters: of the query of a GET or DELETE, of the form of a POST. */
  readonly appParameters?: Readonly<Record<string, Credential>>;
  /** Of accounts that the member grants us: the code is exchanged, it says who it is. */
  readonly link?: OAuthLink;
  /** Of accounts that name their member by a word of ours, in a signed delivery. */
  readonly reference?: ReferenceLink;
  /** Of what the member's own app sends by a key: the account is the member's one connection. */
  readonly memberKey?: MemberKeyLink;
}

/**
 * How the vault speaks to providers: a request goes in without its host and its token, and an answer
 * comes out without either. Part of `ports.ts`, where everybody imports it from.
 */
import type { Callback } from "./connection-ports.ts";
import type { ConnectionId, FactId, MemberId } from "./identity.ts";
import type { ErasureStep } from "./vault-ports.ts";

/** A call to a provider, described without its host and without its token. */
export interface ProviderRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Asked by POST, with this form as its body (application/x-www-form-urlencoded). */
  readonly form?: Readonly<Record<string, string>>;
  /** bytes: the answer is a file; absent: JSON. */
  readonly as?: "json" | "bytes";
}
/** An address that the provider named, sealed under this row by `keep`. */
export interface KeptRequest {
  readonly kept: string;
  readonly as?: "json" | "bytes";
}
/** One record that was had before, by what it is called here: only the vault knows its own id. */
export interface RecordRequest {
  readonly record: FactId;
  readonly collection: string;
}
/** Why an answer is no answer; judge nothing by its body. */
export type ReplyFault =
  | "timeout"
  | "network"
  | "cut-short"
  | "too-large"
  | "redirect"
  | "wrong-type";
export interface ProviderReply {
  /** 0: there was none. */
  readonly status: number;
  readonly body: string;
  /** Of a request for bytes. */
  readonly bytes?: Uint8Array;
  /** False when the body was cut short, larger than the bound, or no JSON: judge nothing by it. */
  readonly complete: boolean;
  readonly fault: ReplyFault | null;
  /** From seconds or a date in `Retry-After` (RFC 9110, section 10.2.3). */
  readonly retryAfterMs: number | null;
  /** Lower-case names; only those that the provider's budget is learned from. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of a kept request: what the provider said of the address. */
  readonly about?: Readonly<Record<string, string>>;
  /** With 401: the token was renewed since; the same request may be made again, as a call more. */
  readonly renewed?: true;
}
/** A call without a member: to see to subscriptions. */
export interface AppRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Instead of JSON. */
  readonly form?: Readonly<Record<string, string>>;
}
/** What a member's browser brought back from the provider. */
export interface Grant {
  readonly code: string;
  /** As it was given to the provider; the proof key (RFC 7636) is made from it. */
  readonly state: string;
  readonly redirectUri: string;
}
export type LinkOutcome =
  | {
      readonly account: string;
      /** The same person's account at the provider that this one took the place of. */
      readonly formerly: { readonly provider: string; readonly account: string } | null;
      /** What was granted; null: the provider does not say. */
      readonly scopes: readonly string[] | null;
    }
  | { readonly failed: "code" | "provider" | "forgotten" };
/**
 * Why no request could be made: only the member can mend it, nobody is there any more, or the record
 * is not one that could be asked for.
 */
export interface NoRequest {
  readonly failed: "grant-ended" | "refresh-lost" | "forgotten" | "no-record";
}

/** What `session` makes at most. */
export const sessionCallsMax = 4;

/** Sends requests with the member's token attached; the token itself never comes out. */
export interface ConnectPort {
  /** The provider's own address where a member grants access; null: it cannot be linked to. */
  begin(provider: string, state: string, redirectUri: string): Promise<string | null>;
  /**
   * Of a provider whose accounts name their member by a word of ours: the address of its own page for
   * it; null: it has none, or it cannot be had.
   */
  session(provider: string, reference: string, returnTo: string | null): Promise<string | null>;
  link(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    grant: Grant,
  ): Promise<LinkOutcome>;
  /**
   * One call. Tokens are renewed ahead of time or after a 401, once for however many ask; a renewal
   * whose answer is lost is tried again as long as the provider may still take it. A fault of the
   * provider's is a reply, not a rejection.
   */
  request(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    request: ProviderRequest | KeptRequest | RecordRequest,
  ): Promise<ProviderReply | NoRequest>;
  /** Seals an address that the provider named, for `request`. Keeping it again changes nothing. */
  keep(
    member: MemberId,
    connection: ConnectionId,
    row: string,
    callback: Callback,
  ): Promise<"kept" | "forgotten">;
  /** A kept address was read to its end. */
  drop(member: MemberId, rows: readonly string[]): Promise<void>;
  /** A call in the name of the app itself; null: the deployment has no credentials for that. */
  asApp(provider: string, request: AppRequest): Promise<ProviderReply | null>;
  /** Asks the provider to end what it sends and grants; said before the tokens are destroyed. */
  revoke(member: MemberId, connection: ConnectionId, provider: string): Promise<RevokeOutcome>;
  /**
   * The provider is said to have ended the connection. Only if its own answer to the member's token
   * says so too, the vault erases what came by it; else nothing happens. `why`: the provider takes
   * the grant no more, which is not yet to say that anybody withdrew it.
   */
  eraseIfEnded(member: MemberId, connection: ConnectionId, provider: string): Promise<EndOutcome>;
}
export type EndOutcome =
  | { readonly ended: false; readonly why?: "grant-ended" | "refresh-lost" }
  | { readonly ended: true; readonly steps: ErasureStep[] };
/**
 * gone: it was told, and has nothing left to end. nothing: it was not told, since it has no such
 * call, or there is no token.
 */
export type RevokeOutcome = "revoked" | "gone" | "nothing" | "failed";

/**
 * How an account becomes a member's: the member grants it to us (OAuth), or the provider says, in a
 * signed delivery, the word that the member was given here.
 */
import type { AppRequest, ProviderReply, ProviderRequest } from "../domain/ports.ts";

/** A scope, in the provider's own word, and why it is asked for in ours. */
export interface Scope {
  readonly scope: string;
  readonly why: string;
  /** Without it nothing can be read. */
  readonly needed: boolean;
}

/** What of the app's credentials a header carries. */
export type Credential = "clientId" | "clientSecret" | "apiKey";

/** Where a provider's tokens are not given as RFC 6749 has it (sections 4.1.3, 5 and 6). */
export interface TokenWords {
  /** What else the form carries. */
  readonly form?: Readonly<Record<string, string>>;
  /** Where tokens are renewed, if that is another path than `tokenPath`. */
  readonly renewPath?: string;
  /**
   * The answer in the words of RFC 6749: tokens with `token_type`, or `{ error }`. `before`: of a
   * renewal, what was renewed.
   */
  read(
    said: unknown,
    before: { readonly access: string; readonly refresh: string } | null,
  ): { readonly status: number; readonly json: Readonly<Record<string, unknown>> };
}

export interface OAuthLink {
  readonly tokenPath: string;
  readonly tokens?: TokenWords;
  /** What else the page where members grant is asked with (RFC 6749, section 4.1.1). */
  readonly authorise: Readonly<Record<string, string>>;
  readonly scopes: readonly Scope[];
  /** What stands between scopes where it is no blank (RFC 6749, section 3.3). */
  readonly scopesBy?: ",";
  /** How the app proves itself for tokens: in the form, or by HTTP Basic. */
  readonly client: "form" | "basic";
  /** The media type that is asked for, where JSON has one of its own there. */
  readonly accept?: string;
  /** The parameters of the query that carry token and account; absent: a bearer's header (RFC 6750). */
  readonly bearer?: { readonly token: string; readonly account: string };
  /**
   * Of a provider that answers 200 to everything: the status that its answer stands for; null: what it
   * says. Looked at before anybody judges an answer.
   */
  statusIn?(said: unknown): number | null;
  /** What else every call with a member's token carries. */
  readonly headers?: Readonly<Record<string, Credential>>;
  /** What may be asked for with a member's token: paths that begin with one of these. */
  readonly paths: readonly string[];
  /** Who the account is; or, with `accountIn`, a small request that shows if a token opens anything. */
  readonly identity: ProviderRequest;
  accountOf(identity: unknown): string | null;
  /** Where the answer that gives the tokens names the account, all of it but the tokens. */
  accountIn?(given: unknown): string | null;
  /** What the provider has to be told once before it sends anything of the account. */
  readonly enrol?: {
    readonly path: string;
    /** `word`: random, and of this connection alone. */
    json(word: string): unknown;
    /** Besides 2xx: it was told before. */
    readonly already: readonly number[];
  };
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
   * under that name, to the host that gives tokens (`client` says how the app proves itself there);
   * without one: as their bearer, to the host of `on`, "api" unless it says otherwise.
   */
  readonly revoke?: {
    readonly method: "GET" | "POST" | "DELETE";
    /** `{account}` stands for the account. */
    readonly path: string;
    readonly form?: "token";
    readonly on?: "api" | "token";
    /** The parameter that carries the app's id. */
    readonly clientIdAs?: string;
    /** How the app proves itself there, where it is another way than for tokens. */
    readonly client?: "basic";
  };
}

/** Of what a member's own app sends: with a key that the member was given here, and typed in there. */
export interface MemberKeyLink {
  /** Where in that app the address and the key go, in plain words. */
  readonly how: string;
}

export interface ReferenceLink {
  /** What the member's app does with the word, in plain words. */
  readonly how: string;
  /** The provider's own page for it, where it has one: asked for in the app's name, step by step. */
  readonly session?: {
    readonly paths: readonly string[];
    /** Null: it cannot be had. */
    next(
      reference: string,
      returnTo: string | null,
      replies: readonly ProviderReply[],
    ): AppRequest | { readonly page: string } | null;
  };
}

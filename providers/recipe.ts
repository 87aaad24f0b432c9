/**
 * How a delivery proves who sent it, and how a provider greets a new address, told as data:
 * signature.ts is the one verifier for all of it. A recipe names the bytes that are signed, the
 * headers that carry the proof, and their exact form; anything of another form is refused before any
 * cryptography.
 */

/** A secret by its text alone, or with a name and the stretch in which it counts (RFC 3339). */
export type Secret =
  | string
  | {
      /** Stands in logs and figures: which key signed. */
      readonly kid: string;
      readonly secret: string;
      readonly notBefore?: string;
      /**
       * Of one that counts when its successor begins, put off to `overlapMs` after that; to end it at
       * once, remove it.
       */
      readonly notAfter?: string;
    };

/**
 * What a deployment shares with a provider. During a rotation there are two of a kind, as a rule; where
 * one rotation begins within another's overlap, more. At most four are tried (`secretsMax`), the newest first.
 */
export interface ProviderSecrets {
  /** Unguessable parts of the path. */
  readonly pathKeys?: readonly Secret[];
  /** Whole values of the Authorization header. */
  readonly authorization?: readonly Secret[];
  /** What deliveries are signed with. */
  readonly signing?: readonly Secret[];
  /** What a provider proves itself by when it greets a new address. */
  readonly verification?: readonly Secret[];
  /** What deliveries carry as it stands, in their body or in headers of their own. */
  readonly shared?: readonly Secret[];
  /**
   * A signature that is only observed is demanded: what lacks a good one is refused. Anything
   * but yes or no refuses all that comes from this provider. Demanded where none is observed, it lets
   * nothing in by a path alone, and bears on no other proof.
   */
  readonly signatureDemanded?: boolean;
}

export interface HmacRecipe {
  readonly kind: "hmac";
  readonly hash: "SHA-1" | "SHA-256";
  /**
   * text: the secret as it stands. text-and-ampersand: with "&" behind it, as OAuth 1 has it.
   * hex: bytes written in hex. standard-webhooks: base64 of 24 to 64 bytes, with `whsec_` before it or
   * without, or `whpk_` and base64 of an Ed25519 public key.
   */
  readonly key: "text" | "text-and-ampersand" | "hex" | "standard-webhooks";
  /** What is signed: these one after another. address: the whole of it, as the sender was told it. */
  readonly signed: readonly ("id" | "time" | "." | "address" | "body")[];
  /** Sets of headers that may carry the proof; of several that are there, one good one is enough. */
  readonly headers: readonly {
    readonly signature: string;
    readonly time?: string;
    readonly id?: string;
  }[];
  /**
   * hex, base64: one signature, after `prefix` if there is one. stamped: `t=<time>,v1=<hex>` with any
   * number of v1. versioned: `v1,<base64>` and others, parted by blanks.
   */
  readonly form: "hex" | "base64" | "stamped" | "versioned";
  readonly prefix?: string;
  /**
   * The unit of the time that is signed, seconds in 10 digits, milliseconds in 13; either: whichever
   * of the two it is, and where nothing stands between it and the body, the body begins with no
   * digit. Absent: the scheme has none, so only identity and revision keep a replay from doing
   * anything.
   */
  readonly time?: "seconds" | "milliseconds" | "either";
}

/**
 * Each item of a JSON body carries a signature of its own, in base64, over some of its values. One that
 * is not good, or a body without items, makes nothing genuine. What is not among the values is proven
 * by nothing but how it came.
 */
export interface ItemsRecipe {
  readonly kind: "items";
  readonly hash: "SHA-256";
  readonly key: "hex";
  /** The way to each item, `a.b`, with `*` for every element of a list. */
  readonly items: string;
  /** In an item: the way to its signature. */
  readonly signature: string;
  /**
   * The ways to what is signed, parted by ":", with "\" before each ":" and "\" in them; what is not
   * there is empty.
   */
  readonly signed: readonly string[];
}

/** What a sender that holds a member's key signs besides. */
export type BesidesRecipe = HmacRecipe | ItemsRecipe;

export type SignatureRecipe =
  /**
   * No signature exists, or none that is documented: an unguessable part of the path is the only
   * proof there is. `observed`: one that was seen all the same. Where it comes it is checked with the
   * `signing` secrets and said in the log; `signatureDemanded` makes it a condition.
   */
  | { readonly kind: "path-secret"; readonly observed?: HmacRecipe }
  /**
   * A secret that stands in each delivery: in a field of its JSON body, or in headers (their values
   * parted by ":"). It proves who sent one as long as nobody else has ever seen one.
   */
  | { readonly kind: "shared"; readonly field: string }
  | { readonly kind: "shared"; readonly headers: readonly string[] }
  /**
   * A key of one member's own, in the path or as the bearer; the route knows whose it is. `besides`:
   * what is demanded as well, under the deployment's `signing` secrets.
   */
  | { readonly kind: "member-key"; readonly besides?: BesidesRecipe }
  /** A shared Authorization value *and* ECDSA P-256 over the body in Tink's framing. */
  | { readonly kind: "authorization-and-tink"; readonly headers: readonly string[] }
  | HmacRecipe
  /** The member's own token, checked by the route. */
  | { readonly kind: "member-token" };

/** What a provider asks of an address before it sends anything there; nothing follows from it. */
export type Greeting =
  /** POST of exactly this JSON, proven by the Authorization value alone. */
  | { readonly kind: "authorised"; readonly body: string; readonly status: 200 | 201 }
  /** POST of a small JSON object with these fields, by anybody: it comes before there is a secret. */
  | {
      readonly kind: "ping";
      readonly fields: Readonly<Record<string, string>>;
      readonly status: 200 | 204;
    }
  /** GET with our word in a parameter; right or wrong is told by status alone. */
  | {
      readonly kind: "word";
      readonly parameter: string;
      readonly right: 200 | 204;
      readonly wrong: 401 | 403 | 404;
    }
  /** GET by anybody, to see that somebody is there. */
  | { readonly kind: "hello"; readonly json: Readonly<Record<string, string>> }
  /** GET with our word and a challenge, which is said back as JSON under `answer`. */
  | {
      readonly kind: "challenge";
      readonly word: string;
      readonly challenge: string;
      readonly answer: string;
      readonly wrong: 401 | 403 | 404;
    };

export interface SignedInput {
  readonly headers: { get(name: string): string | null };
  readonly pathKey: string | null;
  /** The address that the sender was told; absent: nobody knows it, and what signs it proves nothing. */
  readonly address?: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A provider's published keys by key id; `refresh` asks for a fetch newer than the cached one. */
export type Keyset = (refresh: boolean) => Promise<ReadonlyMap<number, CryptoKey> | "unavailable">;

/** Is this delivery from the provider? `unavailable` when its keys cannot be had just now. */
export type Verdict =
  /** `kid`: the key that proved it. `observed`: what came of a signature that is only observed. */
  | { readonly is: "genuine"; readonly kid: string; readonly observed?: Observed }
  | { readonly is: "greeting"; readonly status: number }
  | { readonly is: "refused" | "unavailable" };

/** Of a signature that proves nothing yet. unkeyed: there is one, and nothing to check it with. */
export type Observed = "matches" | "differs" | "absent" | "unkeyed";

/** How a greeting by GET is answered. */
export interface Greeted {
  readonly status: number;
  readonly json?: Readonly<Record<string, string>>;
}

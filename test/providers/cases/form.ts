/**
 * What every provider has to show, in a file of its own name beside this one; `parity.test.ts` runs
 * them all and fails for a provider that lacks any. Where a provider has nothing of a kind, `none`
 * says why.
 */
import type { ProviderReply } from "../../../domain/ports.ts";
import type { Metric, SleepStage } from "../../../domain/samples/metrics.ts";
import type { Delivery, ItemFault, PageFault, ParseFault } from "../../../providers/provider.ts";
import type { ProviderSecrets } from "../../../providers/recipe.ts";

export interface None {
  readonly none: string;
}

/** A delivery as it comes in by the door. */
export interface SignedCase {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathKey?: string;
  /** Where it came in, of a provider that signs it. */
  readonly address?: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly nowMs: number;
}

export interface GreetingCase {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** By GET it has to be right, where the secrets hold one. */
  readonly pathKey?: string;
  readonly body?: string;
  readonly nowMs: number;
  /** "refused": it is no greeting, or a wrong one. */
  readonly answer: { readonly status: number; readonly json?: unknown } | "refused";
}

/** A body and what is understood of it; or an item, or an answer, and what it comes to. */
export type SaidCase =
  | {
      readonly name: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
      readonly says: Partial<Delivery>;
    }
  | {
      readonly name: string;
      readonly kind: string;
      readonly item: unknown;
      readonly retracts: string;
    }
  | { readonly name: string; readonly reply: Partial<ProviderReply>; readonly fault: PageFault };

export interface TimeCase {
  readonly name: string;
  readonly kind: string;
  readonly item: unknown;
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** These two of a workout, always. */
  readonly elapsedMs?: number;
  readonly offsetMin?: number | null;
}

/** What an item comes to for a member who lives in Berlin: integers in the metric's scale, in UTC. */
export interface SampleCase {
  readonly name: string;
  readonly kind: string;
  readonly item: unknown;
  readonly comes: readonly (readonly [
    metric: Metric,
    from: string,
    to: string,
    value: number,
    stage?: SleepStage,
  ])[];
}

export type MalformedCase =
  | { readonly name: string; readonly body: string; readonly fault: ParseFault }
  | {
      readonly name: string;
      readonly kind: string;
      readonly item: unknown;
      readonly fault: ItemFault;
    };

export interface ProviderCases {
  readonly secrets: ProviderSecrets;
  /** Of a provider that publishes its keys: the set as it publishes it. */
  readonly publishedKeys?: string;
  readonly signatures:
    | { readonly genuine: readonly SignedCase[]; readonly forged: readonly SignedCase[] }
    | None;
  readonly greetings: readonly GreetingCase[] | None;
  readonly deletions: readonly SaidCase[] | None;
  readonly deauthorisations: readonly SaidCase[] | None;
  readonly timeZones: readonly TimeCase[];
  /**
   * An item of a type that nobody has heard of, by the word it goes by; of a stream whose items are
   * of no type, any item, and why.
   */
  readonly unknownType: { readonly kind: string; readonly item: unknown } & (
    | { readonly word: string }
    | None
  );
  readonly malformed: readonly MalformedCase[];
  /** Of a provider that feeds the samples, at least one. */
  readonly samples?: readonly SampleCase[];
}

/** What the rotation's worker is asked, and what it answers. */
import type { KeysStatus, RotationStatus } from "../../domain/ports.ts";

export type RotationCall =
  | { readonly what: "step"; readonly nowMs: number; readonly rowsMax: number }
  | { readonly what: "root" }
  | { readonly what: "status" }
  | {
      readonly what: "seed";
      readonly shard: number;
      readonly from: number;
      readonly count: number;
      readonly nowMs: number;
    }
  | {
      readonly what: "prints";
      readonly shard: number;
      readonly after: string;
      readonly count: number;
      readonly nowMs: number;
    };

/** Keyed digests of keys by member; `stale`: how many of them are not under the newest epoch. */
export interface KeyPrints {
  readonly prints: Readonly<Record<string, string>>;
  readonly stale: number;
}
export type RotationAnswer = RotationStatus | KeysStatus | KeyPrints;

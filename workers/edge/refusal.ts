/** What the vault's refusal is called at the door. */
import type { Refusal } from "../../domain/ports.ts";
import type { ProblemName } from "./problem.ts";

export function refusalOf({ refused }: Refusal): ProblemName {
  switch (refused) {
    case "unauthenticated":
      return "unauthenticated";
    case "forbidden":
      return "forbidden";
    case "not-found":
      return "not-found";
    case "last-open-shard":
      return "last-open-shard";
    case "busy":
      return "unavailable";
    case "too-many":
      return "too-many";
    case "not-witnessed":
      return "not-witnessed";
    case "invalid":
      return "invalid-request";
  }
}

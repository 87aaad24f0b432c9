/**
 * What every route says about the log of who looked, and the one way in which the edge itself puts
 * a deed there: the intent first, then the deed, then what came of it. Where the log cannot be
 * reached nothing is done.
 */
import type { DeedName, Outcome } from "../../domain/audit.ts";
import { type AuditPort, type DeedAsked, type EntryPlace, isRefusal } from "../../domain/ports.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { type ProblemName, problemNameOf } from "./problem.ts";
import { refusalOf } from "./refusal.ts";

/**
 * Who writes a route's entry: the edge (about the caller, or whom the parameter `of` names), the
 * handler itself (only where it does the deed: not every request does), the vault's method that the
 * handler calls, or nobody, because it shows callers their own open data.
 * `also`: what the vault calls it when the body says otherwise, or what it writes besides. `none`:
 * the route shows and changes nothing that is a member's alone.
 */
export type RouteAudit =
  | {
      readonly deed: DeedName;
      readonly by: "edge";
      readonly of?: string;
      readonly also?: readonly DeedName[];
    }
  | {
      readonly deed: DeedName;
      readonly by: "handler" | "vault";
      readonly also?: readonly DeedName[];
    }
  | { readonly deed: DeedName; readonly by: "nobody"; readonly why: string }
  | { readonly none: string };

export interface Entering {
  readonly log: Pick<AuditPort, "begin" | "end">;
  readonly token: string;
  readonly requestId: string;
  readonly asked: DeedAsked;
  /** Why the caller may, if the answer is that they did: "own", or the role that the route takes. */
  readonly ground: string;
  fail(name: ProblemName): Response;
}

/**
 *   1. the intent is durable      a crash: shown as unknown, and nothing was done
 *   2. the deed is done           a crash: shown as unknown, and all or a part of it was done
 *   3. what came of it is added   a failure: shown as unknown; the answer still is what was done
 */
export async function entered(entering: Entering, act: () => Promise<Response>): Promise<Response> {
  const place = await entering.log.begin(entering.token, entering.asked);
  if (isRefusal(place)) return entering.fail(refusalOf(place));
  let answer: Response;
  try {
    answer = await act();
  } catch (error) {
    const isDown = errorClass(error) === "Unavailable";
    await close(entering, place, failed(isDown ? "unavailable" : "internal"));
    throw error;
  }
  await close(entering, place, outcomeOf(answer, entering.ground));
  return answer;
}

const failed = (ground: string): Outcome => ({ outcome: "failed", ground, rows: 0 });

export function outcomeOf(answer: Response, ground: string): Outcome {
  const { status } = answer;
  if (status < 400) return { outcome: "permitted", ground, rows: 0 };
  const said = problemNameOf(answer) ?? `status-${status}`;
  return status >= 500 ? failed(said) : { outcome: "refused", ground: said, rows: 0 };
}

async function close(
  { log, requestId }: Entering,
  place: EntryPlace,
  outcome: Outcome,
): Promise<void> {
  try {
    await log.end(place, outcome);
  } catch (error) {
    logLine({ event: "unclosed", requestId, outcome: outcome.outcome, error: errorClass(error) });
  }
}

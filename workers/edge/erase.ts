/**
 * Erasing, as the edge does it: the vault first, because only there can something be read; then the
 * open parts, from which boards, workouts and the archive follow. Each step may be repeated, so what
 * a crash cut short is finished by asking again. What the receipt calls pending is still to come.
 */
import { z } from "zod";
import type { FactId } from "../../domain/identity.ts";
import {
  type ErasureScope,
  type ErasureStep,
  isRefusal,
  type OrRefusal,
} from "../../domain/ports.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { formatMoment } from "../../domain/time.ts";
import { type Call, json } from "./route.ts";

export const receipt = z
  .object({
    steps: z.array(z.object({ step: z.string(), at: z.string(), count: z.number().int() })),
    pending: z.array(z.string()).describe("What still has to be rewritten."),
  })
  .meta({ id: "Receipt" });

type Caller = Pick<Call, "ports" | "token" | "member">;
interface Erased {
  readonly steps: readonly ErasureStep[];
}

export const eraseInVault = (
  { ports, token }: Caller,
  scope: ErasureScope,
): Promise<OrRefusal<Erased>> => ports.open.erase(token, scope);

/** Retracted so that no later delivery of them adds anything. */
export async function eraseInLedger(
  { ports, member }: Caller,
  stream: AnyStream,
  facts: readonly string[],
): Promise<ErasureStep> {
  const retraction = { revision: Number.MAX_SAFE_INTEGER, retracted: true } as const;
  await ports
    .ledger(stream, member)
    .record(facts.map((id) => ({ ...retraction, id: id as FactId })));
  return { step: "ledger", atMs: Date.now(), count: facts.length };
}

/**
 * 1. the vault erases what is sealed of the facts    the next try finds them in the ledger again
 * 2. the ledger retracts them                        the next try finds none of them
 */
export async function eraseWorkouts(
  call: Caller,
  facts: readonly string[],
): Promise<OrRefusal<Erased>> {
  const sealed = await eraseInVault(call, { kind: "rows", rows: facts });
  if (isRefusal(sealed)) return sealed;
  const open = await eraseInLedger(call, streams.workouts, facts);
  return { steps: [...sealed.steps, open] };
}

/** The keys of what the vault could not seal anew in one go are destroyed within hours. */
export function receiptOf(steps: readonly ErasureStep[]): Response {
  const isUnfinished = steps.some(({ step }) => step === "survivors-left");
  return json({
    steps: steps.map(({ step, atMs, count }) => ({ step, at: formatMoment(atMs), count })),
    pending: isUnfinished ? ["archive", "keys"] : ["archive"],
  });
}

/**
 * What a phone is told of its batch: true numbers, and of each item that was not taken its place and
 * why. It is remembered without its sentences, which follow from the codes.
 */
import * as z from "zod";
import { addsNothing } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import type { SampleOutcome, SampleRecord } from "../../domain/samples/sample.ts";
import { faultMessage, type SampleFault, sampleFaults } from "../../providers/sync/faults.ts";
import type { ItemOutcome } from "./deliver.ts";

export const batchParts = ["workouts", "deleted", "samples"] as const;
export type BatchPart = (typeof batchParts)[number];

export const syncAnswer = z
  .object({
    synced: z.number().int().describe("Workouts and samples that are new."),
    duplicates: z.number().int().describe("Known already, or older than what is known."),
    corrected: z.number().int(),
    deleted: z.number().int(),
    errors: z.number().int(),
    errorDetails: z.array(
      z.object({
        index: z.number().int().describe("Place in its list."),
        in: z.enum(batchParts),
        code: z.string(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: "SyncAnswer" });
type SyncAnswer = z.output<typeof syncAnswer>;

/** As it is remembered. */
export interface Taken extends Omit<SyncAnswer, "errorDetails"> {
  readonly errorDetails: readonly Omit<SyncAnswer["errorDetails"][number], "message">[];
}

/** What became of one item of the batch. */
export interface Told {
  readonly part: BatchPart;
  readonly outcome: ItemOutcome | SampleOutcome;
}

/** A sample that could not be read has its fault; the others their outcomes, in order. */
export function toldOfSamples(
  samples: readonly Result<SampleRecord, SampleFault>[],
  outcomes: readonly SampleOutcome[],
): Told[] {
  const left = outcomes.values();
  return samples.map((sample) => ({
    part: "samples",
    outcome: sample.ok ? (left.next().value ?? "older") : { unreadable: sample.error },
  }));
}

export function takenOf(told: readonly Told[]): Taken {
  const taken = { synced: 0, duplicates: 0, corrected: 0, deleted: 0, errors: 0 };
  const errorDetails: { index: number; in: BatchPart; code: string }[] = [];
  const places = { workouts: 0, deleted: 0, samples: 0 };
  for (const { part, outcome } of told) {
    const index = places[part]++;
    if (outcome === "new") taken.synced++;
    else if (outcome === "corrected") taken.corrected++;
    else if (outcome === "retracted") taken.deleted++;
    else if (addsNothing(outcome)) taken.duplicates++;
    else {
      taken.errors++;
      const code = typeof outcome === "object" ? outcome.unreadable : outcome;
      errorDetails.push({ index, in: part, code });
    }
  }
  return { ...taken, errorDetails };
}

/** Whether anything of it was understood, be it only to be refused. */
export const isUnderstood = (told: readonly Told[]): boolean =>
  told.length === 0 ||
  told.some(({ outcome }) => typeof outcome !== "object" && outcome !== "unreadable");

export const withMessages = (taken: Taken): SyncAnswer => ({
  ...taken,
  errorDetails: taken.errorDetails.map((e) => ({ ...e, message: messageOf(e.in, e.code) })),
});

const isSampleFault = (code: string): code is SampleFault => Object.hasOwn(sampleFaults, code);

function messageOf(part: BatchPart, code: string): string {
  if (code === "forgotten") return faultMessage(code);
  if (part !== "samples")
    return `This item was not taken (${code}); it is kept aside and can be replayed.`;
  return isSampleFault(code) ? faultMessage(code) : `This sample was not taken (${code}).`;
}

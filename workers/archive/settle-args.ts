/** What a settle run was begun for: a stream, a range of days, a night; without them, everything. */
import * as z from "zod";
import { isLocalDate } from "../../domain/time.ts";
import type { Step } from "./run.ts";
import { everywhere, type Reach } from "./run-partitions.ts";

const day = z.string().refine(isLocalDate);
const argsSchema = z.object({
  stream: z.string().optional(),
  from: day.optional(),
  to: day.optional(),
  night: z.int().optional(),
});

/** Which night this is, counted in days since 1970; null: it was asked for. */
export const nightOf = ({ run }: Pick<Step, "run">): number | null =>
  argsSchema.parse(run.args).night ?? null;

export function reachOf({ run }: Pick<Step, "run">): Reach {
  const { stream = null, from = everywhere.from, to = everywhere.to } = argsSchema.parse(run.args);
  return { ...everywhere, stream, from, to };
}

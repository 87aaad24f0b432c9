/** What a settle run was asked for: a stream, a range of days; without them, everything. */
import { z } from "zod";
import { isLocalDate } from "../../domain/time.ts";
import type { Step } from "./run.ts";
import { everywhere, type Reach } from "./run-partitions.ts";

const day = z.string().refine(isLocalDate);
const argsSchema = z.object({
  stream: z.string().optional(),
  from: day.optional(),
  to: day.optional(),
});

export function reachOf({ run }: Pick<Step, "run">): Reach {
  const { stream = null, from = everywhere.from, to = everywhere.to } = argsSchema.parse(run.args);
  return { ...everywhere, stream, from, to };
}

/** Sorting as runs do it: a stage of its own before merging, and once more for one partition. */
import type { Partition } from "../../domain/ports.ts";
import type { ArchiveFault } from "../../kernel/settle/manifest.ts";
import { heldText } from "./partition.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { noteFault } from "./run-fault.ts";
import { sortChunk } from "./sorting.ts";
import type { SortReach } from "./sorting-store.ts";

/** A chunk asks the bucket up to fifteen hundred times; an invocation may ten thousand. */
const chunksPerStepMax = 5;
/** What came while a run was at it is little; more of it is a matter for the next try. */
const chunksAtOnceMax = 20;

/** A chunk a unit. A rebuild names only what stands in the way of its own partition, later. */
export const sortStage = (reachOf: (step: Step) => SortReach): Stage => ({
  name: "sort",
  unitsPerStepMax: chunksPerStepMax,
  async unit(step): Promise<Progress> {
    const { cursor } = step.run.state;
    const chunk = await sortChunk(step.env, reachOf(step), cursor, step.now());
    const { last, sorted, faults, isOvertaken } = chunk;
    if (step.run.kind !== "rebuild") for (const fault of faults) await noteFault(step, fault);
    if (last === null) return { go: "next" };
    const counts = { sorted, ...(faults.length === 0 ? {} : { faults: faults.length }) };
    return { go: "more", cursor: isOvertaken ? cursor : last, counts };
  },
});

/** Nothing of the partition is in a batch any more, but in those that are named here. */
export async function sortHolding(
  { env, now }: Step,
  partition: Partition,
): Promise<readonly ArchiveFault[]> {
  const reach = { stream: partition.stream, holding: heldText(partition) };
  const found: ArchiveFault[] = [];
  let after: string | null = null;
  for (let n = 0; n < chunksAtOnceMax; n++) {
    const { last, faults, isOvertaken } = await sortChunk(env, reach, after, now());
    if (isOvertaken) continue;
    found.push(...faults);
    if (last === null) return found;
    after = last;
  }
  throw new Error("more lands in a partition than is sorted");
}

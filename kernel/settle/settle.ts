/**
 * Settling: what landed becomes a new version of a partition's facts, and what the facts come to
 * becomes a new version of its conclusions and totals. Two settlers of one partition cannot both
 * win; running again changes nothing; what is found damaged is named (`ArchiveFault`) and is not
 * written over.
 */
export { type Merged, mergePartition, rebuildPartition } from "./merge-partition.ts";
export { type Resolved, recountPartition, resolvePartition } from "./resolve-partition.ts";

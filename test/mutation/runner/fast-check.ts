/**
 * What a test file gets for `fast-check` when it runs against a mutant: however many inputs it asks
 * for, few are tried, and the same ones each time. Whether a mutant is noticed is then no matter of
 * chance, and a figure is the same when it is taken again.
 */
import real from "fast-check";
import { partAsked, runsMost } from "../parts.ts";

const seed = 14;
const { runs = runsMost } = partAsked();

const assert = (
  property: Parameters<typeof real.assert>[0],
  asked: Parameters<typeof real.assert>[1] = {},
) => {
  const numRuns = Math.min(asked.numRuns ?? runs, runs);
  return real.assert(property, { seed, endOnFailure: true, ...asked, numRuns });
};

export default { ...real, assert };

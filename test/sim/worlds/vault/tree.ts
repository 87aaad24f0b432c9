/** That the log is the one tree which each of its checkpoints says. */
import { checkpointOf, leafOf, treeOf } from "../../../log-unit/log-world.ts";
import type { Oracle } from "./oracle.ts";
import type { Stores } from "./stores.ts";

/** Each checkpoint that was ever public is of the entries there are, and none is smaller. */
export function proveTree(
  oracle: Oracle,
  { log, checkpoints }: Stores,
  name: string,
  how: "whole" | "so far",
): void {
  const leaves = log
    .rows(name, "SELECT text FROM entry ORDER BY idx")
    .map(({ text }) => leafOf(String(text)));
  let before = 0;
  for (const note of checkpoints.get(name) ?? []) {
    const { size, root } = checkpointOf(note);
    if (size < before) oracle.accuse(`log ${name} shrank from ${before} to ${size}`);
    before = size;
    const isSo =
      before <= leaves.length && treeOf(leaves.slice(0, before)).toString("base64") === root;
    if (!isSo) oracle.accuse(`log ${name} was never what its checkpoint at ${size} says`);
  }
  if (how === "whole" && before !== leaves.length)
    oracle.accuse(`log ${name} has entries that no checkpoint has`);
}

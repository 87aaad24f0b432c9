/**
 * A request that goes wrong, made smaller for as long as it goes wrong in the same way: without its
 * headers, its query, the fields of its body, the second half of its bytes.
 */
import type { Ask } from "./asks.ts";

/** Smaller ones that are tried at most. */
const triesMax = 60;

export async function shrunk(
  ask: Ask,
  isStillWrong: (smaller: Ask) => Promise<boolean>,
): Promise<Ask> {
  let [least, tries] = [ask, 0];
  for (let found = true; found && tries < triesMax; ) {
    found = false;
    for (const smaller of smallerThan(least)) {
      if (tries++ >= triesMax) break;
      if (!(await isStillWrong(smaller))) continue;
      [least, found] = [smaller, true];
      break;
    }
  }
  return least;
}

function* smallerThan(ask: Ask): Generator<Ask> {
  for (const name of Object.keys(ask.headers)) {
    const { [name]: _, ...headers } = ask.headers;
    yield { ...ask, headers };
  }
  for (const [i] of ask.query.entries())
    yield { ...ask, query: ask.query.filter((_, n) => n !== i) };
  const { body, ...bare } = ask;
  if (body === undefined) return;
  yield bare;
  const tree = typeof body === "string" ? treeOf(body) : undefined;
  if (tree !== undefined)
    for (const part of partsOf(tree)) yield { ...ask, body: JSON.stringify(part) };
  const half = Math.floor(body.length / 2);
  if (tree === undefined && half > 0) {
    yield { ...ask, body: body.slice(0, half) };
    yield { ...ask, body: body.slice(half) };
  }
}

function treeOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The tree with one of its parts left out, at any depth. */
function* partsOf(tree: unknown): Generator<unknown> {
  if (Array.isArray(tree)) {
    for (const [i, part] of tree.entries()) {
      yield tree.filter((_, n) => n !== i);
      for (const smaller of partsOf(part)) yield tree.map((one, n) => (n === i ? smaller : one));
    }
  } else if (typeof tree === "object" && tree !== null) {
    for (const [key, part] of Object.entries(tree)) {
      const { [key]: _, ...rest } = tree as Record<string, unknown>;
      yield rest;
      for (const smaller of partsOf(part)) yield { ...tree, [key]: smaller };
    }
  }
}

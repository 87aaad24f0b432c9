/** Stands for an item that is nested deeper than can be written down: all else of its body goes on. */
const tooDeepToKeep = { unkept: "nested too deep" };

/** How a bad item is written down before it is sealed, so that a replay can read it again. */
export function parkedBody(kind: string, account: string, item: unknown): string {
  try {
    return JSON.stringify({ kind, account, item });
  } catch {
    return JSON.stringify({ kind, account, item: tooDeepToKeep });
  }
}

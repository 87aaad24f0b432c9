/** How a bad item is written down before it is sealed, so that a replay can read it again. */
export const parkedBody = (kind: string, account: string, item: unknown): string =>
  JSON.stringify({ kind, account, item });

/** What a person is to read: said in words, and in more than one. */
export const isSentence = (text: string): boolean =>
  text.trim() === text && !text.includes("\n") && text.split(/\s+/).length >= 4;

/** Every text in a provider's facts, by the path to it. */
export function textsIn(value: unknown, path = "facts"): [path: string, text: string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, `${path}.${key}`));
}

/** The rows of a page's tables, by the name in back-ticks that each begins with. */
export const rowsOf = (page: string): ReadonlyMap<string, string> =>
  new Map(
    page.split("\n").flatMap((line) => {
      const [, name, rest] = /^\|\s*`([a-z0-9-]+)`\s*\|(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, rest ?? ""] as const];
    }),
  );

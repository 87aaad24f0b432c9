/** Where the next page is (RFC 8288). */

/**
 * The same question from `cursor` on, as it was understood: of a parameter that came twice the first,
 * and none that means nothing. What nobody checked is not said back.
 */
export function nextLink(url: string, shape: object, cursor: string): string {
  const { pathname, searchParams } = new URL(url);
  const kept = new Map<string, string>();
  for (const [name, value] of searchParams)
    if (Object.hasOwn(shape, name) && !kept.has(name)) kept.set(name, value);
  kept.delete("cursor");
  return `<${pathname}?${new URLSearchParams([...kept, ["cursor", cursor]])}>; rel="next"`;
}

/**
 * Is an address that came in a body one of the provider's own? Whoever can write a body can write
 * an address, and the vault would fetch it with a member's token. So nothing is repaired and
 * nothing is guessed: the text must be exactly what it is parsed to, its origin one of a list, its
 * path one of plain letters right below a prefix, since further down other things are done than
 * data handed out. Redirects are refused by whoever fetches it.
 */
export interface CallbackRule {
  /** Whole origins; one without a port allows none. */
  readonly origins: readonly string[];
  /** Of the path, with the slash that ends it. */
  readonly prefix: string;
}
export const callbackCharsMax = 2048;
/** No provider answers at one of its addresses longer; what leads there goes as early. */
export const callbackKeptMs = 8 * 86_400_000;

/** No blanks, no controls, nothing beyond ASCII, and no second way to write a slash. */
const printable = /^[\x21-\x5b\x5d-\x7e]+$/;
/** Nothing escaped and no parameters: some servers take "..;" or "%2f" for a way up. */
const plainName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** The address as it came; null when it is not to be fetched. */
export function callbackOf(raw: unknown, { origins, prefix }: CallbackRule): string | null {
  if (typeof raw !== "string" || raw.length > callbackCharsMax || !printable.test(raw)) return null;
  if (!URL.canParse(raw)) return null;
  const { href, origin, username, password, pathname } = new URL(raw);
  const isAsWritten = href === raw && username === "" && password === "" && !raw.includes("#");
  const isBelow = pathname.startsWith(prefix) && plainName.test(pathname.slice(prefix.length));
  return isAsWritten && origins.includes(origin) && isBelow ? raw : null;
}

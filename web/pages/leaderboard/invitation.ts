/**
 * A code that lets somebody in, as it travels: after the # of an address, which browsers keep to
 * themselves, so that it stands in no request and no log. The page takes it off the address at once.
 */
export const invitation = (origin: string, path: string, code: string): string =>
  `${origin}${path}#${encodeURIComponent(code)}`;

/** "" where there is none, or it is none. */
export function codeIn(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#/, "")).trim();
  } catch {
    return "";
  }
}

export interface Invited {
  readonly id: string;
  readonly code: string;
}

const linkForm = /\/leaderboard\/(?:teams|challenges)\/([\w-]{1,64})#(\S+)/;

/** What somebody pasted: the whole link. Null: it is not one. */
export function parseInvitation(text: string): Invited | null {
  const [, id, hash] = linkForm.exec(text.trim()) ?? [];
  const code = codeIn(hash ?? "");
  return id === undefined || code === "" ? null : { id, code };
}

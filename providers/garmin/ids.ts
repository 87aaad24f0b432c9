/** What Garmin calls one activity, wherever it stands: its details and its file add a suffix. */
const suffix = /-(detail|file)$/;
export const idCharsMax = 128;

/** The first of these that names it; a number only while it is exact. */
export function sourceIdOf(...candidates: unknown[]): string | null {
  for (const candidate of candidates) {
    const id = Number.isSafeInteger(candidate) ? String(candidate) : candidate;
    if (typeof id !== "string") continue;
    const bare = id.replace(suffix, "");
    if (bare.length > 0 && bare.length <= idCharsMax) return bare;
  }
  return null;
}

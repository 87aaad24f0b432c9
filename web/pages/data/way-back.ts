/** What a browser says that comes back from a provider: `?connection=`, `?code=&state=` or `?error=`. */

export type WayBack =
  | { readonly kind: "linked" }
  /** Granted, and not linked yet: the member's token ends it. */
  | { readonly kind: "unended"; readonly code: string; readonly state: string }
  | { readonly kind: "failed"; readonly words: (title: string) => string };

const failures: Readonly<Record<string, (title: string) => string>> = {
  denied: (title) =>
    `You did not let Singlet read from ${title}, so nothing was linked. Nothing was read.`,
  "link-expired": (title) =>
    `The ten minutes for linking ${title} were over, or it was ended already. Begin again.`,
  "provider-refused": (title) => `${title} did not confirm it, so nothing was linked. Try again.`,
  conflict: (title) =>
    `Another member holds this account at ${title}. They have to let it go first.`,
  "too-many": () => "There is too much to do just now. Try again in a minute.",
  unavailable: () => "A part of the system cannot be reached. Try again in a minute.",
};
const unknown = (title: string) => `${title} could not be linked. Try again in a minute.`;

/** Null: nobody comes back from anywhere. */
export function wayBack(said: URLSearchParams): WayBack | null {
  if (said.has("connection")) return { kind: "linked" };
  const [code, state, error] = [said.get("code"), said.get("state"), said.get("error")];
  if (code !== null && state !== null) return { kind: "unended", code, state };
  if (error === null) return null;
  const words = Object.hasOwn(failures, error) ? failures[error] : undefined;
  return { kind: "failed", words: words ?? unknown };
}

/**
 * Linking an account at a provider, as its browser does it: begun here, granted at the provider, and
 * ended either by the edge, which knows this browser by its cookie, or by `endLink` where the member
 * comes back with `code` and `state` instead. What is given out at once, a word or a key, is handed to
 * the page and kept nowhere.
 */
import { type Answer, api } from "../api/client.ts";

type Answered = Answer<"POST /v1/connections/{connection}">;
type Granting = Extract<Answered, { readonly scopes: unknown }>;
type Worded = Extract<Answered, { readonly reference: string }>;
type Keyed = Extract<Answered, { readonly key: string }>;

export type Begun =
  /** The browser is on its way to the provider. */
  | { readonly kind: "leaving" }
  /** A word that the provider says back; `authorise`: its own page for that, to be opened now. */
  | ({ readonly kind: "word" } & Worded)
  /** Shown this once: what the member's own app delivers with. */
  | ({ readonly kind: "key" } & Keyed);

export interface Linked {
  readonly id: string;
  readonly provider: string;
}

/** Which provider this tab went to; on the way back nothing else says it. */
const keptName = "singlet-link";

/** Here the browser comes back to: `?connection=`, `?code=&state=` or `?error=`. */
export const linkReturn = (): string => `${location.origin}/data/connections`;

/** Throws what a page can say: a `Problem`, `Unreachable`. */
export async function beginLink(provider: string, returnTo = linkReturn()): Promise<Begun> {
  const { items } = await api("GET /v1/providers");
  const isKeyed = items.find(({ name }) => name === provider)?.linking === "key";
  const body = isKeyed ? {} : { returnTo };
  const said = await api("POST /v1/connections/{connection}", {
    params: { connection: provider },
    body,
  });
  if ("key" in said) return { kind: "key", ...said };
  if ("reference" in said) return { kind: "word", ...said };
  if (!("scopes" in said)) throw new TypeError("nothing was begun");
  leaveFor(provider, said);
  return { kind: "leaving" };
}

function leaveFor(provider: string, { authorise }: Granting): void {
  const to = new URL(authorise);
  if (to.protocol !== "https:" && to.protocol !== "http:") throw new TypeError("no page to go to");
  sessionStorage.setItem(keptName, provider);
  location.assign(to);
}

/** What `beginLink` left for; null: nothing was begun in this tab. */
export const linkBegunFor = (): string | null => sessionStorage.getItem(keptName);

/** Once the way back was understood, whatever came of it. */
export const forgetLink = (): void => sessionStorage.removeItem(keptName);

/** Ends what came back unended. Good once: who is refused begins anew. */
export async function endLink(
  provider: string,
  back: { readonly code: string; readonly state: string },
): Promise<Linked> {
  forgetLink();
  const said = await api("POST /v1/connections/{connection}", {
    params: { connection: provider },
    body: { code: back.code, state: back.state },
  });
  if (!("id" in said)) throw new TypeError("nothing was linked");
  return { id: said.id, provider: said.provider };
}

/**
 * Who is signed in here. Tokens live in this module's memory and, between visits, in the sealed store.
 * The code is exchanged by our own edge (POST /v1/sign-in), so that pages speak with nobody else.
 * Tabs share one session: renewing is done by one at a time, and signing out in one ends it in all.
 */
import { Problem, Unreachable } from "../api/problem.ts";
import type { Api } from "../api/schema.d.ts";
import { challengeOf, newSecret } from "./pkce.ts";
import {
  beginKeeping,
  destroyKept,
  destroyKeptBut,
  keep,
  kept,
  unsentPrefix,
} from "./sealed-store.ts";

export type Role = "member" | "coach" | "operator" | "auditor" | ReaderRole;
/** Of those who read totals that were given to them. */
export type ReaderRole = "artist" | "label" | "merchandiser" | "finance" | "scientist";
type Tokens = Api["POST /v1/sign-in"]["answer"];

export type Session =
  | { readonly state: "opening" }
  | { readonly state: "out"; readonly why: "none" | "ended" }
  | { readonly state: "in"; readonly roles: readonly Role[]; readonly subject: string };

/** Renewed when less than this is left of it. */
const marginMs = 60_000;
const sessionName = "session";
const signInName = "singlet-sign-in";
const renewLock = "singlet-renew";
const unauthenticated = 401;
export const returnPath = "/signed-in";

let session: Session = { state: "opening" };
let tokens: Tokens | null = null;
/** Whose things this page's memory may hold; null: nobody was in here yet. */
let lastIn: string | null = null;
const listeners = new Set<() => void>();
const others = new BroadcastChannel("singlet-session");

function become(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export const sessionNow = (): Session => session;

export const subjectNow = (): string | null => (session.state === "in" ? session.subject : null);

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What stands in a token that the API will verify anyway: for showing pages, and for nothing else. */
function claimsOf(token: string): { sub: string; roles: readonly Role[] } {
  const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const { sub = "", roles = [] } = JSON.parse(
    new TextDecoder().decode(Uint8Array.from(atob(part), (c) => c.charCodeAt(0))),
  );
  return { sub, roles };
}

/**
 * Somebody else than who was in here, signed out since or not: the page begins anew, with nothing of
 * the former in its memory and nothing of theirs on its way.
 */
function take(held: Tokens): void {
  const { sub, roles } = claimsOf(held.token);
  if (lastIn !== null && lastIn !== sub) {
    forget("none");
    location.reload();
    return;
  }
  lastIn = sub;
  tokens = held;
  become({ state: "in", roles, subject: sub });
}

/** Once, before anything is shown. */
export async function openSession(): Promise<void> {
  let heard = 0;
  others.onmessage = ({ data }) => {
    const nth = ++heard;
    if (data === "out") forget("none");
    else void kept<Tokens>(sessionName).then((held) => held && nth === heard && take(held));
  };
  // A page that the browser froze and shows again has heard nothing meanwhile.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) void look();
  });
  await look();
}

async function look(): Promise<void> {
  const held = await kept<Tokens>(sessionName).catch(() => undefined);
  if (held === undefined) forget("none");
  else take(held);
}

async function asked(body: Api["POST /v1/sign-in"]["body"]): Promise<Tokens> {
  const response = await fetch("/v1/sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Unreachable();
  });
  if (!response.ok) throw await Problem.of(response);
  return (await response.json()) as Tokens;
}

async function whereToSignIn(): Promise<Api["GET /v1/sign-in"]["answer"]> {
  const response = await fetch("/v1/sign-in").catch(() => {
    throw new Unreachable();
  });
  if (!response.ok) throw await Problem.of(response);
  return (await response.json()) as Api["GET /v1/sign-in"]["answer"];
}

/** Where somebody is, for coming back to it; an address that ends a sign-in does so once. */
const here = (): string =>
  location.pathname === returnPath ? "/" : location.pathname + location.search + location.hash;

/** Sends the browser to where people sign in; it comes back at `returnPath`, and from there here. */
export async function signIn(backTo: string = here()): Promise<void> {
  const set = await whereToSignIn();
  const [state, verifier] = [newSecret(), newSecret()];
  const { issuer } = set;
  sessionStorage.setItem(signInName, JSON.stringify({ issuer, state, verifier, backTo }));
  const to = new URL(set.authorizationEndpoint);
  const said = {
    ...set.parameters,
    response_type: "code",
    client_id: set.clientId,
    redirect_uri: `${location.origin}${returnPath}`,
    scope: set.scope,
    state,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(said)) to.searchParams.set(name, String(value));
  location.assign(to);
}

/** Ends what `signIn` began: where to go on to. Throws what a page can say. */
export async function finishSignIn(said: URLSearchParams): Promise<string> {
  const begun = JSON.parse(sessionStorage.getItem(signInName) ?? "null");
  sessionStorage.removeItem(signInName);
  const code = said.get("code");
  // RFC 9207: an answer that names another issuer is somebody else's.
  const isTheirs =
    said.get("state") === begun?.state && [null, begun?.issuer].includes(said.get("iss"));
  if (begun === null || code === null || !isTheirs)
    throw new Error(
      said.get("error") === "access_denied"
        ? "You were not signed in."
        : "This address ends a sign-in that was not begun here.",
    );
  const redirectUri = `${location.origin}${returnPath}`;
  const held = await asked({ grant: "code", code, verifier: begun.verifier, redirectUri });
  // Whoever was in here before has not signed out, and is out all the same.
  await destroyKeptBut(unsentPrefix);
  forget("none");
  lastIn = null;
  await beginKeeping();
  await keep(sessionName, held);
  take(held);
  others.postMessage("in");
  return begun.backTo;
}

const isFresh = ({ expires }: Tokens): boolean =>
  expires === null || Date.parse(expires) - Date.now() > marginMs;

/**
 * What is answered to whoever is in here. A token that the API did not take is renewed, once; when the
 * new one is not taken either (401), as of someone erased within this very second, the session has ended.
 * What one has asked is never said as another who came in meanwhile.
 */
export async function withToken<A extends { readonly status: number }>(
  send: (token: string | null) => Promise<A>,
): Promise<A> {
  const asker = subjectNow();
  const theirs = (token: string | null) =>
    token === null || claimsOf(token).sub === asker ? token : null;
  const token = theirs(await freshToken());
  const first = await send(token);
  if (first.status !== unauthenticated || token === null) return first;
  const next = theirs(await freshToken(token));
  if (next === null) return first;
  const second = await send(next);
  if (second.status === unauthenticated) await endSessionOf(next);
  return second;
}

/** Not when somebody is in with another token by now. */
async function endSessionOf(refused: string): Promise<void> {
  await navigator.locks.request(renewLock, async () => {
    const held = await kept<Tokens>(sessionName);
    if (held?.token === refused) await endSession();
  });
}

/** A token that still holds; null: nobody is signed in. `refused`: one that the API did not take. */
export async function freshToken(refused?: string): Promise<string | null> {
  const isGood = (held: Tokens) => held.token !== refused && isFresh(held);
  if (tokens === null || isGood(tokens)) return tokens?.token ?? null;
  return navigator.locks.request(renewLock, async () => {
    // Another tab may have renewed it meanwhile.
    const held = (await kept<Tokens>(sessionName)) ?? null;
    if (held === null) {
      forget("ended");
      return null;
    }
    if (isGood(held)) {
      take(held);
      return tokens?.token ?? null;
    }
    return renewed(held);
  });
}

async function renewed({ refreshToken }: Tokens): Promise<string | null> {
  if (refreshToken === null) return endSession();
  try {
    const next = await asked({ grant: "refresh", refreshToken });
    const held = { ...next, refreshToken: next.refreshToken ?? refreshToken };
    if (!(await keep(sessionName, held))) return endSession();
    take(held);
    others.postMessage("in");
    return held.token;
  } catch (error) {
    if (error instanceof Problem && error.status === unauthenticated) return endSession();
    throw error;
  }
}

/** What waits to be sent stays sealed until the same member is back. */
async function endSession(): Promise<null> {
  await destroyKeptBut(unsentPrefix);
  forget("ended");
  others.postMessage("out");
  return null;
}

function forget(why: "none" | "ended"): void {
  tokens = null;
  become({ state: "out", why });
}

/**
 * Nothing of the member is left in this browser afterwards. Where the issuer keeps a session of its
 * own, that one is ended too: else whoever comes next would be signed in as the one who left.
 */
export async function signOut(): Promise<void> {
  await signOutHere();
  await leaveIssuer();
}

/** Of what `signOut` does, what is this browser's own. */
export async function signOutHere(): Promise<void> {
  await destroyKept();
  sessionStorage.clear();
  forget("none");
  others.postMessage("out");
}

/** And what is the issuer's: the browser goes there and comes back to the first page. */
export async function leaveIssuer(): Promise<void> {
  const set = await whereToSignIn().catch(() => null);
  if (set === null || set.endSessionEndpoint === null) return;
  const to = new URL(set.endSessionEndpoint);
  to.searchParams.set("client_id", set.clientId);
  to.searchParams.set("post_logout_redirect_uri", `${location.origin}/`);
  location.assign(to);
}

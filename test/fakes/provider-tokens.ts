/**
 * How each provider gives tokens, as the facts have it: by which path, how the app must prove itself,
 * whether a refresh token comes with them, what else the answer says, and in whose words. Some of them
 * share a path on the one host of the fake: there the client says whose tokens it is after.
 */
import type { Answer } from "./provider-answer.ts";
import { corosWords } from "./provider-coros.ts";
import type { FakedProvider } from "./provider-data.ts";
import { stravaWords } from "./provider-strava.ts";
import { withingsWords } from "./provider-withings.ts";

interface Manner {
  readonly path: string;
  /** Where tokens are renewed, if it is another. */
  readonly renewPath?: string;
  /** What the form has to carry besides. */
  readonly form?: Readonly<Record<string, string>>;
  /** The app proves itself by HTTP Basic alone. */
  readonly basicOnly?: true;
  /** Tokens are long-lived, and none of them is renewed. */
  readonly noRefresh?: true;
  /** Nothing new is given: the access token that there is lives on. */
  readonly renewsInPlace?: true;
  /** What stands beside the tokens. */
  says(account: string, scope: string): Readonly<Record<string, unknown>>;
  /** What RFC 6749 would answer, in the provider's own words. */
  words?(of: Answer, isRenewal: boolean): Answer;
}

const plain = (_account: string, scope: string) => ({ scope });

const manners: Readonly<Record<FakedProvider, Manner>> = {
  "google-health": { path: "/token", says: plain },
  garmin: {
    path: "/di-oauth2-service/oauth/token",
    says: () => ({ scope: "PARTNER_READ PARTNER_WRITE" }),
  },
  fitbit: {
    path: "/oauth2/token",
    basicOnly: true,
    says: (user_id, scope) => ({ user_id, scope }),
  },
  polar: {
    path: "/v2/oauth2/token",
    basicOnly: true,
    noRefresh: true,
    says: (account) => ({ x_user_id: Number(account) }),
  },
  whoop: { path: "/oauth/oauth2/token", says: plain },
  oura: { path: "/oauth/token", says: plain },
  suunto: {
    path: "/oauth/token",
    basicOnly: true,
    says: (user, scope) => ({ user, scope }),
  },
  strava: {
    path: "/oauth/token",
    // Which scopes were granted stands in the browser's way back alone.
    says: (account) => ({ athlete: { id: Number(account), resource_state: 2 } }),
    words: stravaWords,
  },
  withings: {
    path: "/v2/oauth2",
    form: { action: "requesttoken" },
    says: (userid, scope) => ({ userid, scope: scope.replaceAll(" ", ",") }),
    words: withingsWords,
  },
  wahoo: { path: "/oauth/token", says: plain },
  coros: {
    path: "/oauth2/accesstoken",
    renewPath: "/oauth2/refresh-token",
    renewsInPlace: true,
    says: (openId) => ({ openId }),
    words: corosWords,
  },
  concept2: { path: "/oauth/access_token", says: plain },
};
const all = Object.entries(manners) as [FakedProvider, Manner][];

export const mannerOf = (provider: FakedProvider | null): Manner =>
  manners[provider ?? "google-health"];

const isAt = ({ path, renewPath }: Manner, asked: string): boolean =>
  path === asked || renewPath === asked;

export const isTokenPath = (path: string): boolean => all.some(([, one]) => isAt(one, path));

/** Whose tokens are asked for: by the path, and of several there by the name that the client bears. */
export function askedAt(path: string, client: string): FakedProvider | null {
  const here = all.filter(([, one]) => isAt(one, path)).map(([name]) => name);
  return here.find((name) => client.endsWith(name)) ?? here[0] ?? null;
}

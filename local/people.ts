/**
 * The people of a local system: members with linked accounts, a coach, an operator, an auditor.
 * Setting them up again changes nothing.
 */
import { createHash } from "node:crypto";
import type { Role } from "../domain/vault-ports.ts";
import type { System } from "./system.ts";

export const memberNames = ["ada", "ben", "cleo"] as const;
export type MemberName = (typeof memberNames)[number];
export const staffRoles = ["coach", "operator", "auditor"] as const;
/** Who reads totals that were given to them; nobody of these is set up. */
export const readerRoles = ["artist", "label", "merchandiser", "finance", "scientist"] as const;
type StaffRole = (typeof staffRoles)[number];
const linked = ["garmin", "google-health"] as const;
const zone = "Europe/Amsterdam";
const tokenDays = 30;

export interface Person {
  readonly name: string;
  readonly id: string;
  readonly token: string;
}

export interface People {
  readonly members: Readonly<Record<MemberName, Person>>;
  readonly staff: Readonly<Record<StaffRole, Person>>;
  readonly accounts: Readonly<Record<(typeof linked)[number], Record<string, string>>>;
}

/** A member's account at a provider: the same every time, and like nobody's name. */
export const accountOf = (provider: string, name: string): string =>
  createHash("sha256").update(`local account ${provider} ${name}`).digest("hex").slice(0, 32);

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: callers know the documented shape.
  readonly body: any;
  readonly headers: Headers;
}

/** One request; a JSON body is parsed whatever its status. */
export async function call(
  url: string,
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { token, body, headers } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return {
    status: response.status,
    body: isJson && text !== "" ? JSON.parse(text) : text,
    headers: response.headers,
  };
}

export function expectStatus(answer: Answer, ...statuses: number[]): Answer {
  if (!statuses.includes(answer.status))
    throw new Error(
      `expected ${statuses.join(" or ")}, got ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
  return answer;
}

const tokenOf = (system: System, subject: string, roles: readonly Role[]) =>
  system.issuer.token(subject, roles, {
    issuedAtMs: Date.now(),
    expiresInSeconds: tokenDays * 86_400,
  });

/** Of the operator, enrolled or not. */
export const operatorToken = (system: System): Promise<string> =>
  tokenOf(system, "operator", ["operator"]);

/** Makes someone a member; saying it again keeps their id. */
export async function enrol(
  system: System,
  subject: string,
  displayName: string,
  roles: readonly Role[],
  settings: { readonly zone?: string; readonly onBoards?: boolean } = {},
): Promise<Person> {
  const token = await tokenOf(system, subject, roles);
  const body = { displayName, ...settings };
  const me = expectStatus(await call(system.url, "PUT", "/v1/me", { token, body }), 200);
  return { name: displayName, id: me.body.id, token };
}

/** A link that was begun, and where the provider sent the browser once its owner had granted. */
interface Granted {
  readonly begun: Answer;
  readonly back: URL;
}

/** The answer, when nothing was begun. Throws when the provider sends nobody back. */
async function grant(
  system: System,
  person: Person,
  provider: string,
  account: string,
  body: { readonly returnTo?: string },
): Promise<Granted | Answer> {
  const path = `/v1/connections/${provider}`;
  const begun = await call(system.url, "POST", path, { token: person.token, body });
  if (typeof begun.body.authorise !== "string") return begun;
  const page = new URL(begun.body.authorise);
  page.searchParams.set("account", account);
  const granted = await fetch(page, { redirect: "manual" });
  const to = granted.headers.get("location");
  if (to === null) throw new Error(`the provider sends nobody back: ${granted.status}`);
  return { begun, back: new URL(to) };
}

/** Links as a phone's app does, with the member's own token; refusals are the caller's to judge. */
export async function link(
  system: System,
  person: Person,
  provider: string,
  account: string,
): Promise<Answer> {
  const granted = await grant(system, person, provider, account, {});
  if (!("back" in granted)) return granted;
  const { code, state } = Object.fromEntries(granted.back.searchParams);
  return call(system.url, "POST", `/v1/connections/${provider}`, {
    token: person.token,
    body: { code, state },
  });
}

/** Links as a browser does, by its cookie; `cookie` may be another's. What the callback answers. */
export async function linkInBrowser(
  system: System,
  person: Person,
  provider: string,
  account: string,
  options: { readonly returnTo?: string; readonly cookie?: string } = {},
): Promise<Answer> {
  const { returnTo } = options;
  const body = returnTo === undefined ? {} : { returnTo };
  const granted = await grant(system, person, provider, account, body);
  if (!("back" in granted)) return granted;
  const [own = ""] = granted.begun.headers.getSetCookie();
  const cookie = options.cookie ?? own.split(";")[0] ?? "";
  const { pathname, search } = granted.back;
  const answer = await fetch(`${system.url}${pathname}${search}`, {
    headers: { cookie },
    redirect: "manual",
  });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

export async function setUpPeople(system: System): Promise<People> {
  const members: Partial<Record<MemberName, Person>> = {};
  for (const name of memberNames) {
    const shown = name[0]?.toUpperCase() + name.slice(1);
    const person = await enrol(system, name, shown, ["member"], { zone, onBoards: true });
    members[name] = person;
    const { body } = expectStatus(
      await call(system.url, "GET", "/v1/connections", { token: person.token }),
      200,
    );
    const has = new Set(body.items.map((c: { provider: string }) => c.provider));
    for (const provider of linked)
      if (!has.has(provider))
        expectStatus(await link(system, person, provider, accountOf(provider, name)), 201);
  }
  const staff: Partial<Record<StaffRole, Person>> = {};
  for (const role of staffRoles) staff[role] = await enrol(system, role, `The ${role}`, [role]);
  const accounts = Object.fromEntries(
    linked.map((p) => [p, Object.fromEntries(memberNames.map((m) => [m, accountOf(p, m)]))]),
  );
  return { members, staff, accounts } as unknown as People;
}

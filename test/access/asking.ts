/** Asking the running system as each kind of caller does, and what tells two answers apart. */
import { type Answered, ask } from "../conformance/support.ts";
import type { Cast } from "./cast.ts";
import type { CallerKind, Verdict } from "./policy.ts";
import type { Way } from "./ways.ts";

/** One of the same form that is nobody's. */
export const absentOf = (own: string): string => {
  const [, prefix = "", rest = own] = /^([a-z]{1,3}_)?(.*)$/.exec(own) ?? [];
  if (/^\d+$/.test(own)) return "999999999";
  const absent = rest.replaceAll(/\d/g, "0").replaceAll(/[a-z]/g, "a").replaceAll(/[A-Z]/g, "A");
  return prefix + absent;
};

export interface More {
  readonly id?: string;
  readonly token?: string;
}

/** What every answer so far was told with, for what holds of all of them. */
export interface Told {
  readonly name: string;
  readonly caller: CallerKind;
  readonly status: number;
  readonly headers: Headers;
}
export const told: Told[] = [];

/** As this caller, or with this token; `id` decides, where something does. */
export async function asking(
  { system, people }: Cast,
  name: string,
  way: Way,
  caller: CallerKind,
  { id = way.own ?? "", token }: More = {},
): Promise<Answered> {
  const [method = ""] = name.split(" ");
  const bearer = token ?? (caller in people ? people[caller as keyof typeof people].token : null);
  const { authorization: held, ...said } = way.headers?.(id) ?? {};
  const authorization = bearer === null ? held : `Bearer ${bearer}`;
  const isSent = authorization !== undefined && caller !== "nobody";
  const headers = { ...said, ...(isSent ? { authorization } : {}) };
  const path = way.path(id);
  const body = way.body?.(id);
  const sent = body === undefined ? {} : { body: textOf(body) };
  const answer =
    way.isStream === true
      ? await opened(`${system.url}${path}`, headers)
      : await ask(system, method, path, { headers, ...sent });
  told.push({ name, caller, status: answer.status, headers: answer.headers });
  return answer;
}

export const textOf = (body: object | string): string =>
  typeof body === "string" ? body : JSON.stringify(body);

/** Of a stream only how it begins; of a refusal all of it. */
async function opened(url: string, headers: Readonly<Record<string, string>>): Promise<Answered> {
  const response = await fetch(url, { headers });
  const { status } = response;
  if (status < 400) await response.body?.cancel();
  const text = status < 400 ? "" : await response.text();
  return { status, headers: response.headers, text, body: text === "" ? "" : JSON.parse(text) };
}

/** Said of every request anew, by whoever passes it on too. */
const ofEachRequest: readonly string[] = ["x-request-id", "date"];

/** All of an answer but what differs by request. */
export const whole = ({ status, headers, text }: Answered): string =>
  JSON.stringify([
    status,
    [...headers].filter(([name]) => !ofEachRequest.includes(name)).sort(),
    text.replace(headers.get("x-request-id") ?? "", "<request>"),
  ]);

const problemOf = ({ body }: Answered): string | null =>
  typeof body?.type === "string" ? body.type.replace("urn:singlet:problem:", "") : null;

const statuses: Readonly<Record<Exclude<Verdict, "allowed">, readonly [number, string]>> = {
  unauthenticated: [401, "unauthenticated"],
  "not-a-member": [403, "not-a-member"],
  forbidden: [403, "forbidden"],
  hidden: [404, "not-found"],
};

/** What this answer says of whether its caller may. */
export function saidBy(answer: Answered, way: Way, answers: readonly number[]): string {
  const { status, text } = answer;
  const { refusedBy } = way;
  if (refusedBy === status) return "hidden";
  if (refusedBy instanceof RegExp && refusedBy.test(text)) return "unauthenticated";
  if (answers.includes(status) || way.also?.includes(status)) {
    if (status < 400 || way.also?.includes(status)) return "allowed";
  }
  const problem = problemOf(answer);
  const found = Object.entries(statuses).find(
    ([, [of, name]]) => of === status && (problem === null || name === problem),
  );
  return found?.[0] ?? `${status} ${text.slice(0, 300)}`;
}

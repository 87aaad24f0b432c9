/**
 * Errors as RFC 9457 problem documents: a stable `type`, a bland title, the request id, and never
 * a word of the caller's input. This table is the whole list; docs/errors.md explains each.
 */
const problems = {
  "not-json": [400, "The body is not JSON."],
  "invalid-request": [400, "The request does not have the documented form."],
  unauthenticated: [401, "The request could not be authenticated."],
  forbidden: [403, "This caller may not do that."],
  "not-a-member": [403, "This caller is no member yet; PUT /v1/me makes them one."],
  "not-found": [404, "There is nothing here for this caller."],
  "method-not-allowed": [405, "This method is not offered here."],
  timeout: [408, "The body did not arrive whole in time."],
  conflict: [409, "Another member holds this."],
  "not-witnessed": [409, "The witness has not seen this entry yet; ask again in a minute."],
  "last-open-shard": [409, "New members need one open shard."],
  "too-many-exports": [409, "No more exports at once; delete one first."],
  "too-many-shares": [409, "No more shares at once; take one back first."],
  full: [409, "There is no room for one more; leave one first, or wait until somebody does."],
  begun: [409, "It has begun: its rules stand, only its name may be changed."],
  over: [409, "It is over: nobody joins any more."],
  "name-used": [409, "This name was given before, and what has it does not change."],
  "too-large": [413, "The body is larger than this door takes."],
  "unsupported-encoding": [415, "Send the body without a content encoding."],
  "range-not-satisfiable": [416, "The file has no such bytes."],
  "card-number": [422, "A card number stands where none may stand; nothing of the body was kept."],
  "not-understood": [422, "Nothing in the body could be understood."],
  "too-far-apart": [422, "These lie too far apart in time to be one."],
  "key-reused": [422, "This idempotency key came with another body before."],
  "provider-refused": [422, "The provider refused the code."],
  "link-expired": [422, "This link is spent, over, or not the caller's to end."],
  "upgrade-required": [426, "This is spoken over a WebSocket."],
  "too-many": [429, "Too much at once; ask again in a minute."],
  internal: [500, "Something is wrong on our side."],
  unavailable: [503, "A part of the system is unavailable; repeat the same request."],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemName = keyof typeof problems;
export const problemNames = Object.keys(problems) as ProblemName[];
export const problemStatus = (name: ProblemName): number => problems[name][0];

const retryAfterSeconds: { readonly [K in ProblemName]?: number } = {
  unavailable: 2,
  "too-many": 60,
  "not-witnessed": 60,
};

const names = new WeakMap<Response, ProblemName>();
/** Of an answer that `problem` made. */
export const problemNameOf = (answer: Response): ProblemName | null => names.get(answer) ?? null;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly requestId: string;
}

export function problem(
  name: ProblemName,
  requestId: string,
  extra: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  const [status, title] = problems[name];
  const body = { type: `urn:singlet:problem:${name}`, title, status, requestId, ...extra };
  const retryAfter = retryAfterSeconds[name];
  const answer = new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...headers,
    },
  });
  names.set(answer, name);
  return answer;
}

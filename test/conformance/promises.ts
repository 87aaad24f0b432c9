/**
 * What holds of every answer, whatever was asked: no fault of ours, nothing of the input said back,
 * errors of one form, no status and no body that /openapi.json does not describe, nothing about a
 * person kept by a cache, nothing of how this is built. Told as sentences, one a broken promise, so
 * that tests and commands can both hold answers to them.
 */
import * as z from "zod";
import { problemNames, problemStatus } from "../../workers/edge/problem.ts";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: callers know the documented shape.
  readonly body: any;
}

/** An answer as it came; a JSON body is parsed whatever its status. */
export function answered(status: number, headers: Headers, text: string): Answered {
  const isJson = headers.get("content-type")?.includes("json") === true;
  return { status, headers, text, body: isJson && text !== "" ? parsed(text) : text };
}

/** What calls itself JSON and is none stays text, and fits no description. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface WasAsked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Planted in the request. */
  readonly marker: string;
  /** A success may hold the marker: it is the caller's own name or grant. */
  readonly mayShow: boolean;
}

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
interface Told {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}
interface Operation {
  readonly security?: unknown;
  readonly responses: Readonly<Record<string, Told>>;
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** /openapi.json, as far as every answer is held to it. */
export interface Document {
  readonly paths: readonly (readonly [RegExp, Readonly<Record<string, Operation>>])[];
  readonly schemas: OpenApi["components"]["schemas"];
  /** What was made of the schemas so far. */
  readonly made: Map<JsonSchema, z.ZodType>;
}

/** A path's rest is called that; every other parameter is one part of it. */
const anything = (parameter: string) => (parameter === "{path}" ? ".+" : "[^/]+");

export const documentFrom = ({ paths, components }: OpenApi): Document => ({
  schemas: components.schemas,
  made: new Map(),
  paths: Object.entries(paths)
    .sort(([a], [b]) => a.split("{").length - b.split("{").length)
    .map(([path, methods]) => [
      new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, anything)}$`),
      methods,
    ]),
});

function schemaOf({ schemas, made }: Document, described: JsonSchema): z.ZodType {
  const known = made.get(described);
  if (known !== undefined) return known;
  const whole = JSON.stringify({ ...(described as object), $defs: schemas });
  const schema = z.fromJSONSchema(
    JSON.parse(whole.replaceAll("#/components/schemas/", "#/$defs/")),
  );
  made.set(described, schema);
  return schema;
}

/** The operation that answers; a status alone where a path is not described, or not by this method. */
function operationOf({ paths }: Document, { method, path }: WasAsked): Operation | 404 | 405 {
  const { pathname } = new URL(path, "http://localhost");
  const found = paths.filter(([pattern]) => pattern.test(pathname));
  if (found.length === 0) return 404;
  const asked = method === "HEAD" ? "get" : method.toLowerCase();
  return found.map(([, methods]) => methods[asked]).find((o) => o !== undefined) ?? 405;
}

/** Of code that failed, a database, or the machine. */
const innards = /\n\s+at |node_modules|\.ts:\d+|SQLITE_|D1_ERROR|(Type|Range|Syntax)Error|\/work\b/;

/** Every promise that this answer breaks; none: all is well. */
export function broken(document: Document, asked: WasAsked, answer: Answered): string[] {
  const { status, headers, text } = answer;
  const operation = operationOf(document, asked);
  const described =
    typeof operation === "number" ? [operation] : Object.keys(operation.responses).map(Number);
  const isShown = asked.mayShow && status < 400;
  const wrong: [isWrong: boolean, what: string][] = [
    [status >= 500, "a fault of ours"],
    [!isShown && text.includes(asked.marker), "the input is said back"],
    [[...headers].join().includes(asked.marker), "the input is said back in a header"],
    [!/^[0-9a-f-]{36}$/.test(headers.get("x-request-id") ?? ""), "no request id"],
    [headers.get("x-content-type-options") !== "nosniff", "nosniff is missing"],
    [!described.includes(status), "a status that is not in /openapi.json"],
    [status >= 400 && innards.test(text), "it says how this is built"],
    [isKept(asked, operation, answer), "what is a person's, or an error, may be kept"],
    ...formOf(document, asked, operation, answer),
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, what]) => what);
}

/** Of routes that ask who is there, of errors, and where browsers come back to. */
function isKept({ path }: WasAsked, operation: Operation | number, answer: Answered): boolean {
  const isPersonal = typeof operation === "object" && operation.security !== undefined;
  const mayBe = !isPersonal && answer.status < 400 && !path.startsWith("/oauth/");
  // A file that is resumed may not be compressed on its way either.
  const isUnkept = /^no-store(, no-transform)?$/.test(answer.headers.get("cache-control") ?? "");
  return !mayBe && !isUnkept;
}

type Judged = [isWrong: boolean, what: string][];

function formOf(
  document: Document,
  asked: WasAsked,
  operation: Operation | number,
  answer: Answered,
): Judged {
  if (asked.path.startsWith("/oauth/") && isHtml(answer)) return pageForm(answer);
  if (answer.status >= 400) return problemForm(document, asked, answer);
  if (asked.method === "HEAD" || typeof operation === "number") return [];
  const json = operation.responses[answer.status]?.content?.["application/json"]?.schema;
  if (json === undefined || answer.headers.get("content-type") !== "application/json") return [];
  const fits = schemaOf(document, json).safeParse(answer.body);
  return [[!fits.success, `a body that /openapi.json does not describe: ${placeOf(fits.error)}`]];
}

const isHtml = ({ headers }: Answered) =>
  headers.get("content-type")?.startsWith("text/html") === true;

/** Where a browser comes back to it is told in words, good or bad; nothing runs, nobody is asked. */
const pageForm = ({ headers }: Answered): Judged => [
  [
    !/^default-src 'none'; style-src/.test(headers.get("content-security-policy") ?? ""),
    "a page that may run something",
  ],
  [headers.get("referrer-policy") !== "no-referrer", "a page that tells where one comes from"],
];

function problemForm(document: Document, asked: WasAsked, answer: Answered): Judged {
  const { status, headers, body } = answer;
  if (asked.path.startsWith("/1/") && headers.get("content-type") === "application/json")
    return asked.method === "HEAD" ? [] : [[!isListenBrainz(answer), "not ListenBrainz's form"]];
  const isProblem = headers.get("content-type") === "application/problem+json";
  if (asked.method === "HEAD" || !isProblem) return [[!isProblem, "no problem document"]];
  const name = problemNames.find((n) => body.type === `urn:singlet:problem:${n}`);
  const fits = schemaOf(document, document.schemas.Problem ?? false).safeParse(body);
  return [
    [name === undefined || problemStatus(name) !== status, "a problem under another's status"],
    [body.status !== status, "a problem that says another status"],
    [!/^[A-Z].+\.$/.test(body.title), "a problem without a sentence"],
    [body.requestId !== headers.get("x-request-id"), "a problem of another request"],
    [!fits.success, `a problem that is not as /openapi.json says: ${placeOf(fits.error)}`],
  ];
}

/** Its clients are told in its own form, be it only a code and a sentence. */
const isListenBrainz = ({ status, body }: Answered): boolean =>
  Object.keys(body).sort().join() === "code,error" &&
  body.code === status &&
  typeof body.error === "string" &&
  body.error !== "";

/** Where and why, never what stands there. */
const placeOf = (error: z.ZodError | undefined): string =>
  (error?.issues ?? [])
    .slice(0, 3)
    .map(({ path, code }) => `${path.join(".")} ${code}`)
    .join(", ");

/** A problem body without what differs by request. */
export const uniform = ({ status, headers, body }: Answered): string => {
  const { requestId: _, ...rest } = body;
  return JSON.stringify([status, rest, headers.get("www-authenticate")]);
};

/** The OpenAPI 3.1 document, made once from the routes that the app itself is built from. */
import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject } from "zod-openapi";
import { problemsOfStanding, standingOf } from "./limits.ts";
import { type ProblemName, problemNames, problemStatus } from "./problem.ts";
import type { Access, Route } from "./route.ts";

const problemSchema = z
  .object({
    type: z.enum(problemNames.map((name) => `urn:singlet:problem:${name}`)),
    title: z.string(),
    status: z.number().int(),
    requestId: z.string(),
    fields: z
      .array(
        z.object({
          field: z.string().describe("Where: `body.records`, `query.limit`."),
          rule: z.string().describe("What is broken there."),
        }),
      )
      .optional()
      .describe("invalid-request: what is not as documented; nothing of what was sent."),
    errorDetails: z
      .array(
        z.object({
          index: z.number().int().describe("Place of the file, or of the item in its list."),
          workout: z.number().int().nullable().optional().describe("Files: place in the file."),
          in: z
            .enum(["workouts", "deleted", "samples"])
            .optional()
            .describe("Phones: the list it stands in."),
          code: z.string(),
          message: z.string(),
        }),
      )
      .optional()
      .describe("not-understood: why, one by one."),
  })
  .meta({ id: "Problem" });

export type Document = ReturnType<typeof createDocument>;
let made: Document | null = null;

/** `release`: what was deployed; it stands behind the version, as semver's build metadata. */
export function openapi(routes: readonly Route[], release?: string): Document {
  made ??= createDocument({
    openapi: "3.1.0",
    info: {
      title: "Singlet",
      version: "0.1.0",
      description: "Every workout, counted once. Every private reading, sealed and accounted for.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    paths: pathsOf(routes),
  });
  if (release === undefined) return made;
  return { ...made, info: { ...made.info, version: `${made.info.version}+${release}` } };
}

export const openapiPath = (path: string): string =>
  path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");

function pathsOf(routes: readonly Route[]) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    const path = openapiPath(route.path);
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return paths;
}

const accessText = (access: Access): string =>
  typeof access === "string" ? access : `role ${access.role}`;

/** What a route says itself, and what `answer` (route.ts) may say before the handler is asked. */
function problemsOf(route: Route): Set<ProblemName> {
  const { access, audit, params, query, headers, body } = route;
  const all = new Set(route.problems);
  if (params || query || headers || body) all.add("invalid-request");
  if (body)
    for (const name of ["not-json", "timeout", "too-large", "unsupported-encoding"] as const)
      all.add(name);
  if (access === "member") all.add("not-a-member");
  if (typeof access === "object") all.add("forbidden");
  if (access !== "public") all.add("unauthenticated");
  for (const name of problemsOfStanding(standingOf(route))) all.add(name);
  if ("deed" in audit && audit.by !== "nobody") all.add("too-many");
  return all.add("internal");
}

function operation(route: Route): ZodOpenApiOperationObject {
  const responses: Record<string, object> = {};
  for (const [status, answer] of Object.entries(route.answers))
    responses[status] = {
      description: answer.description,
      ...(answer.schema ? { content: { "application/json": { schema: answer.schema } } } : {}),
      ...(answer.type ? { content: { [answer.type]: { schema: z.string() } } } : {}),
    };
  for (const name of problemsOf(route)) {
    const status = String(problemStatus(name));
    const said = responses[status] as { description?: string; content?: object } | undefined;
    responses[status] = {
      description: said?.description === undefined ? name : `${said.description}, ${name}`,
      content: { ...said?.content, "application/problem+json": { schema: problemSchema } },
    };
  }
  const names = [...openapiPath(route.path).matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "");
  const path = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const body = route.body
    ? { required: true, content: { "application/json": { schema: route.body } } }
    : route.rawBody && {
        required: true,
        description: route.rawBody.description,
        content: Object.fromEntries(
          (route.rawBody.types ?? ["application/json"]).map((type) => [
            type,
            { schema: z.unknown() },
          ]),
        ),
      };
  return {
    summary: route.summary,
    description: `Access: ${accessText(route.access)}.`,
    tags: [route.tag],
    ...(route.access === "public" ? {} : { security: [{ token: [] }] }),
    requestParams: {
      ...(names.length > 0 ? { path } : {}),
      ...(route.query ? { query: objectOf(route.query) } : {}),
      ...(route.headers ? { header: objectOf(route.headers) } : {}),
    },
    ...(body ? { requestBody: body } : {}),
    responses,
  } as ZodOpenApiOperationObject;
}

const objectOf = (shape: z.ZodType): z.ZodObject => shape as z.ZodObject;

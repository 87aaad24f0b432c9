/** What this system is and whether it is up: /healthz, /openapi.json and a page to read it by. */
import * as z from "zod";
import { docsPage, docsPolicy } from "../docs-page.ts";
import { openapi } from "../openapi.ts";
import { json, type Route, route } from "../route.ts";

export const docsRoutes = (all: () => readonly Route[]): readonly Route[] => [
  route({
    method: "get",
    path: "/healthz",
    tag: "system",
    access: "public",
    audit: { none: "says only whether the edge is up" },
    summary: "Is the edge up, and can it reach its warehouse?",
    answers: { 200: { description: "Yes.", schema: z.object({ ok: z.literal(true) }) } },
    problems: ["unavailable"],
    handle: async ({ ports }) => {
      await ports.sql((db) => db.prepare("SELECT 1").first());
      return json({ ok: true });
    },
  }),
  route({
    method: "get",
    path: "/openapi.json",
    tag: "system",
    access: "public",
    audit: { none: "a description" },
    summary: "This description",
    answers: { 200: { description: "OpenAPI 3.1." } },
    problems: [],
    handle: async ({ env }) =>
      json(openapi(all(), env.RELEASE), 200, { "cache-control": "public, max-age=300" }),
  }),
  route({
    method: "get",
    path: "/docs",
    tag: "system",
    access: "public",
    audit: { none: "a description" },
    summary: "The same, to read",
    answers: { 200: { description: "A page." } },
    problems: [],
    handle: async () =>
      new Response(docsPage(openapi(all())), {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": await docsPolicy(),
          "cache-control": "public, max-age=300",
        },
      }),
  }),
];

/**
 * No route without its word on the log of who looked: the list is the app's own, so a route that is
 * added without a deed, or with one that it cannot be, fails here.
 */
import { describe, expect, it } from "vitest";
import { type Action, deeds } from "../../domain/audit.ts";
import { routes } from "../conformance/support.ts";

const named = routes.map((r) => [`${r.method.toUpperCase()} ${r.path}`, r] as const);

/** Whoever may be named by a path is a member, and whoever has to sign in is shown their own. */
const isAboutMembers = ({ access, path }: (typeof routes)[number]) =>
  access !== "public" || /:(id|member)\b/.test(path);

/**
 * What a method can be; operators' commands are `admin` by any, or erase for somebody. Asking for
 * an export is a look at everything.
 */
const fitting: Readonly<Record<string, readonly Action[]>> = {
  get: ["view"],
  put: ["edit"],
  post: ["edit", "view"],
  patch: ["edit"],
  delete: ["delete", "edit"],
};

describe.each(named)("%s", (_, { method, path, audit, ...route }) => {
  it("declares what it says in the log", () => {
    if (isAboutMembers({ method, path, audit, ...route })) expect(audit).toHaveProperty("deed");
    const reason = "none" in audit ? audit.none : audit.by === "nobody" ? audit.why : null;
    if (reason !== null) expect(reason).toMatch(/\w+ \w+/);
  });

  it("declares deeds that its method can be", () => {
    const said = "deed" in audit ? [audit.deed] : [];
    const may = [
      ...(fitting[method] ?? []),
      // What a provider sends a browser to is a GET (RFC 6749, section 4.1.2), and links an account.
      ...(path.startsWith("/oauth/") ? ["edit"] : []),
      ...(path.startsWith("/v1/ops/") ? ["admin", "delete"] : []),
    ];
    for (const deed of said) expect(may, deed).toContain(deeds[deed]);
  });

  it("changes nothing, and shows nothing of others, by nobody", () => {
    if (!("deed" in audit) || audit.by !== "nobody") return;
    expect(method).toBe("get");
    expect(path).not.toMatch(/:member\b|\/members\/:id|^\/v1\/(ops|audit)\//);
  });

  it("names a parameter that it has when it is about another member", () => {
    const of = "deed" in audit && audit.by === "edge" ? audit.of : undefined;
    const isOurs = "deed" in audit && audit.by === "edge";
    const [, whose] = /:(member|merchant)\b/.exec(path) ?? [];
    expect(of).toBe(isOurs ? whose : undefined);
    if (of !== undefined) expect(path).toContain(`:${of}`);
  });
});

it("every deed there is has a route", () => {
  const declared = routes.flatMap(({ audit }) =>
    "deed" in audit ? [audit.deed, ...(audit.by !== "nobody" ? (audit.also ?? []) : [])] : [],
  );
  expect([...new Set(declared)].sort()).toEqual(Object.keys(deeds).sort());
});

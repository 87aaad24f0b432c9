/**
 * The policy has a line for every route and no other, docs/access.md is what it says, and what
 * docs/owasp.md links to is there.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { names } from "./inventory.ts";
import { accessPage } from "./page.ts";
import { callers, policy, verdict } from "./policy.ts";

const root = resolve(import.meta.dirname, "../..");

describe("the policy", () => {
  it("has a line for every route, and none for what is no route", () => {
    expect(Object.keys(policy).sort()).toEqual([...names].sort());
  });

  it("lets nobody in who proves nothing, but where nothing is somebody's alone", () => {
    const open = names.filter((name) => verdict(name, "nobody") === "allowed");
    expect(open.filter((name) => policy[name]?.may !== "everybody")).toEqual([]);
    expect(open.filter((name) => !name.startsWith("GET "))).toEqual([]);
  });

  it("gives operators and auditors nothing that is a member's alone, but their own", () => {
    for (const name of names)
      if (policy[name]?.may === "consented")
        for (const caller of ["operator", "auditor"] as const)
          expect([name, verdict(name, caller)]).toEqual([name, "forbidden"]);
  });

  it("says something of every caller at every route", () => {
    for (const name of names)
      for (const caller of callers) expect(verdict(name, caller)).toBeTypeOf("string");
  });
});

it("docs/access.md is what the policy says; -u writes it anew", async () => {
  await expect(accessPage()).toMatchFileSnapshot("../../docs/access.md");
});

describe("docs/owasp.md", () => {
  const page = readFileSync(join(root, "docs/owasp.md"), "utf8");
  const rows = page.split("\n").filter((line) => /^\| API\d+:2023 /.test(line));

  it("has a row for each item of the list, in order", () => {
    const numbers = rows.map((line) => Number(/^\| API(\d+)/.exec(line)?.[1]));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it.each(rows.map((line) => [line.slice(2, 13).trim(), line]))(
    "%s is held by tests that are there",
    (_, line) => {
      const links = [...line.matchAll(/\]\((\.\.\/[^)#]+)\)/g)].map(([, link = ""]) => link);
      const tests = links.filter((link) => /\.test\.ts$/.test(link));
      expect(tests.length).toBeGreaterThan(0);
      for (const link of links)
        expect([link, existsSync(join(root, dirname("docs/owasp.md"), link))]).toEqual([
          link,
          true,
        ]);
    },
  );
});

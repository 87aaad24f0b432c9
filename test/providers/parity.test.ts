/**
 * Every provider on the list: what all have in common (parity/holds.ts), a test of its own, a row in
 * docs/providers.md. What it has to show of itself by example, signed deliveries and all, is run by
 * parity/shown.test.ts.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { providerNamed, providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { holds } from "./parity/holds.ts";
import { rowsOf } from "./parity/sentences.ts";

const page = fileURLToPath(new URL("../../docs/providers.md", import.meta.url));

describe.each(Object.entries<Provider>(providers))("%s", (name, provider) => {
  it("is listed under its own name", () => {
    expect(provider.name).toBe(name);
    expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(providerNamed(name)).toBe(provider);
  });

  holds(provider);

  it("has a test file of its own name", () => {
    const file = fileURLToPath(new URL(`./${name}.test.ts`, import.meta.url));
    expect(existsSync(file), `test/providers/${name}.test.ts`).toBe(true);
  });

  it("has a row in docs/providers.md", () => {
    const rows = existsSync(page) ? rowsOf(readFileSync(page, "utf8")) : new Map<string, string>();
    expect([...rows.keys()]).toContain(name);
    expect(rows.get(name)?.replaceAll(/[|\s-]/g, "")).not.toBe("");
  });
});

it("a name that is not listed has no provider, whatever objects inherit", () => {
  for (const name of ["", "nobody", "constructor", "__proto__"])
    expect(providerNamed(name)).toBeUndefined();
});

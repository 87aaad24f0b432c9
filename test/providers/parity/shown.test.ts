/** Every provider on the list shows what shows.ts asks of it, by its own file in cases/. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";
import { providers } from "../../../providers/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import type { ProviderCases } from "../cases/form.ts";
import { shows } from "./shows.ts";

const fileOf = (name: string) => fileURLToPath(new URL(`../cases/${name}.ts`, import.meta.url));
const shown = new Map<string, ProviderCases>();
for (const name of Object.keys(providers)) {
  if (!existsSync(fileOf(name))) continue;
  const { cases } = await import(/* @vite-ignore */ fileOf(name));
  shown.set(name, cases);
}

describe.each(Object.entries<Provider>(providers))("%s shows", (name, provider) =>
  shows(provider, () => {
    const its = shown.get(name);
    if (its === undefined) throw new Error(`there is no test/providers/cases/${name}.ts`);
    return its;
  }),
);

/**
 * How the copy's modules are loaded: each time anew, so that nothing a mutant left in one is there
 * for the next, and with this folder's `vitest` and `fast-check` in place of the packages.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const standIns: Readonly<Record<string, string>> = {
  vitest: new URL("vitest.ts", import.meta.url).href,
  "fast-check": new URL("fast-check.ts", import.meta.url).href,
};
const isStandIn = (url: string | undefined): boolean =>
  Object.values(standIns).some((own) => own === url);

/** Plain source by URL: it is the same however often it is loaded. */
const sources = new Map<string, string>();

function sourceOf(url: string): string {
  const known = sources.get(url);
  if (known !== undefined) return known;
  const made = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
  sources.set(url, made);
  return made;
}

/** A loader of files under `root`; each call of what it answers begins with modules anew. */
export function loaderOf(root: string) {
  const within = `${pathToFileURL(root).href}/`;
  let generation = 0;
  registerHooks({
    resolve(specifier, context, next) {
      const standIn = isStandIn(context.parentURL) ? undefined : standIns[specifier];
      if (standIn !== undefined)
        return { url: standIn, format: "module-typescript", shortCircuit: true };
      const found = next(specifier, context);
      const isOwn = found.url.startsWith(within) && !found.url.includes("/node_modules/");
      return isOwn ? { ...found, url: `${found.url}?${generation}` } : found;
    },
    load(url, context, next) {
      const [path = "", query] = url.split("?");
      const isOwn = query !== undefined && path.startsWith(within) && path.endsWith(".ts");
      return isOwn
        ? { format: "module", source: sourceOf(path), shortCircuit: true }
        : next(url, context);
    },
  });
  return {
    renew: (): void => {
      generation++;
    },
    load: (file: string): Promise<unknown> => import(`${pathToFileURL(file).href}?${generation}`),
  };
}

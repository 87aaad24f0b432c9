/** /docs: the OpenAPI document as one static page, without scripts and without other hosts. */
import type { Document } from "./openapi.ts";
import { pagePolicy } from "./page-policy.ts";

const html = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1f24}h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid #d6dbe1}
details{border:1px solid #d6dbe1;border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}code{font:13px ui-monospace,monospace}b.m{display:inline-block;width:4.5rem;
font:600 12px ui-monospace,monospace}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top;border-bottom:1px solid #eef1f4}
pre{background:#f5f7f9;padding:.6rem;overflow:auto;font-size:12px}.l{color:#57606a}
@media (prefers-color-scheme:dark){body{background:#15181c;color:#e3e6ea}pre{background:#1d2127}
details,h2,td,th{border-color:#30363d}.l{color:#9aa4af}}`;

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: { readonly description?: string };
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly description?: string; readonly content?: object };
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>;
}

export const docsPolicy = (): Promise<string> => pagePolicy({ style });

export function docsPage(document: Document): string {
  const byTag = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(methods as Record<string, Operation>)) {
      const tag = operation.tags?.[0] ?? "other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), section(method, path, operation)]);
    }
  const sections = [...byTag].map(([tag, parts]) => `<h2>${html(tag)}</h2>${parts.join("")}`);
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details><summary><code>${html(name)}</code></summary><pre>${html(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Singlet API</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head><body>
<h1>${html(document.info.title)}</h1><p class="l">${html(document.info.description ?? "")}
<br>Machine-readable: <a href="/openapi.json">/openapi.json</a></p>
${sections.join("\n")}<h2>schemas</h2>${schemas.join("")}</body></html>`;
}

function section(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    (p) =>
      `<tr><td><code>${html(p.name)}</code></td><td class="l">${html(p.in)}${p.required ? ", required" : ""}</td><td>${html(p.description ?? p.schema?.description ?? "")}</td></tr>`,
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, answer]) =>
      `<tr><td><code>${html(status)}</code></td><td>${html(answer.description ?? "")}</td></tr>`,
  );
  const body = operation.requestBody
    ? `<p>Body: ${html(operation.requestBody.description ?? "JSON")}</p><pre>${html(JSON.stringify(operation.requestBody.content, null, 2))}</pre>`
    : "";
  return `<details><summary><b class="m">${method.toUpperCase()}</b><code>${html(path)}</code> <span class="l">${html(operation.summary ?? "")}</span></summary>
<p class="l">${html(operation.description ?? "")}</p>${parameters.length > 0 ? `<table>${parameters.join("")}</table>` : ""}${body}<table>${answers.join("")}</table></details>`;
}

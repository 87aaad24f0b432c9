/**
 * A page of this machine's, for somebody at a browser: words and a form, no script, nothing loaded.
 * What is put into it from outside is text and stays text.
 */

/** Markup that was written here, or made from text. */
export type Markup = { readonly markup: string };

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? "");

type Part = string | Markup | readonly Markup[];
const partOf = (part: Part): string => {
  if (typeof part === "string") return escaped(part);
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("\n");
};

/** As a template: every text between is escaped, markup stays markup. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.map((text, i) => (i === 0 ? "" : partOf(parts[i - 1] ?? "")) + text).join(""),
});

/** What was asked, carried through a form: fields that nobody sees. */
export const hidden = (fields: Iterable<readonly [name: string, value: string]>): Markup[] =>
  [...fields].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);

const style = `:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--page:#fff;--band:#f5f7f9;--act:#0b57a4;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e3e6ea;--soft:#9aa4af;--line:#6e7781;--page:#15181c;--band:#1d2127;--act:#79b8ff;--on:#10141a}}
*{box-sizing:border-box}body{font:17px/1.5 system-ui,sans-serif;max-width:26rem;margin:0 auto;padding:8vh 1rem 2rem;color:var(--ink);background:var(--page)}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}h2{font-size:1rem;margin:1.6rem 0 .5rem}p{margin:.4rem 0}
.soft{color:var(--soft);font-size:.9rem}.wrong{border-left:4px solid #cf222e;padding-left:.75rem}
ul{margin:.4rem 0;padding-left:1.2rem;overflow-wrap:anywhere}label{display:block;font-weight:600;margin:1rem 0 .3rem}
input,button{font:inherit;width:100%;min-height:2.75rem;padding:.5rem .8rem;border:1px solid var(--line);border-radius:8px;color:inherit;background:var(--page)}
button{display:flex;justify-content:space-between;gap:1rem;margin:.5rem 0;text-align:left;background:var(--band);cursor:pointer}
button span{color:var(--soft)}button.act{justify-content:center;background:var(--act);border-color:var(--act);color:var(--on);font-weight:600}
button.plain{justify-content:center}:focus-visible{outline:3px solid var(--act);outline-offset:2px}`;

export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  // Nothing of where forms may go: browsers take that for where they lead in the end too.
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export const pageOf = (title: string, content: Markup): string =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${{ markup: style }}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>`.markup;

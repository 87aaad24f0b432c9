/**
 * The page on which somebody at a browser grants access, or does not: who asks for what, and as which
 * account. Scripts say the account in the address instead, and see no page.
 */
import { randomInt } from "node:crypto";
import { hidden, html, pageHeaders, pageOf } from "../../local/plain-page.ts";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Answer, Asked } from "./provider-answer.ts";

/** What this page says itself. */
const own = ["account", "deny"];
const accounts = { from: 100_000_000, to: 1_000_000_000 };

const isBrowser = ({ header }: Asked): boolean =>
  header("accept")
    .split(",")
    .some((type) => type.trim().startsWith("text/html"));

/** By the name that the client bears; of any other, nobody's in particular. */
function titleOf(client: string): string {
  const all = Object.values<Provider>(providers);
  const named = all.find(({ name }) => client === name || client.endsWith(`-${name}`));
  return named?.facts.title ?? "The provider";
}

/** Null: an account was said, or no browser asks. */
export function consentPage(asked: Asked): Answer | null {
  const { searchParams: query } = asked.url;
  if (query.has("account") || !isBrowser(asked)) return null;
  const title = titleOf(query.get("client_id") ?? "");
  const scopes = (query.get("scope") ?? "").split(/[\s,]+/).filter((one) => one !== "");
  const carried = [...query].filter(([name]) => !own.includes(name));
  const content = html`<p><strong>${title}</strong>, played on this machine. Singlet asks to read what you
record there${scopes.length > 0 ? ":" : "."}</p>
${scopes.length > 0 ? html`<ul>${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>` : html``}
<form method="get" action="/authorize">${hidden(carried)}
<label for="account">Account there</label>
<input id="account" name="account" required autocomplete="off" maxlength="64" aria-describedby="whose"
 value="${String(randomInt(accounts.from, accounts.to))}">
<p class="soft" id="whose">A new one, unless you say whose. Some providers know numbers alone.</p>
<button class="act">Allow</button>
<button class="plain" name="deny" value="1" formnovalidate>Deny</button></form>`;
  const page = pageOf(`Let Singlet read from ${title}?`, content);
  return { status: 200, body: "", bytes: Buffer.from(page), headers: pageHeaders };
}

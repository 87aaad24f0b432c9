/** What a browser is shown that comes back from a provider: fixed words, no script, nobody asked. */
import { pagePolicy } from "./page-policy.ts";
import { type ProblemName, problemStatus } from "./problem.ts";

/** As `error` says it where the browser is sent on. */
export type Outcome =
  | "linked"
  | "finish"
  | "denied"
  | Extract<
      ProblemName,
      "link-expired" | "provider-refused" | "conflict" | "too-many" | "unavailable" | "internal"
    >;

const again = "Go back to where you began and link the account anew.";
const texts: { readonly [K in Outcome]: readonly [title: string, text: string] } = {
  linked: ["Linked", "The account is linked. You can close this page."],
  finish: ["Almost done", "Go back to the app in which you began; it links the account now."],
  denied: ["Not linked", `Access was not granted, so nothing was linked. ${again}`],
  "link-expired": [
    "Not linked",
    `This link was used already, or its ten minutes are over. ${again}`,
  ],
  "provider-refused": ["Not linked", `The provider did not confirm it. ${again}`],
  conflict: ["Not linked", "Another member holds this account. They have to let it go first."],
  "too-many": ["Not linked", "There is too much to do just now. Try again in a minute."],
  unavailable: ["Not linked", `A part of the system cannot be reached. ${again}`],
  internal: ["Not linked", `Something is wrong on our side. ${again}`],
};
/** What a page has no words for is our own fault. */
export const outcomeOf = (name: ProblemName): Outcome =>
  Object.hasOwn(texts, name) ? (name as Outcome) : "internal";

const style = `body{font:18px/1.5 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 1rem;
color:#1b1f24}@media (prefers-color-scheme:dark){body{background:#15181c;color:#e3e6ea}}`;

const statusOf = (outcome: Outcome): number => {
  if (outcome === "linked" || outcome === "finish") return 200;
  return outcome === "denied" ? problemStatus("provider-refused") : problemStatus(outcome);
};

export async function pageOf(outcome: Outcome): Promise<Response> {
  const [title, text] = texts[outcome];
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head>
<body><h1>${title}</h1><p>${text}</p></body></html>`;
  return new Response(page, {
    status: statusOf(outcome),
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": await pagePolicy({ style }),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
  });
}

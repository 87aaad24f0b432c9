/** docs/access.md, as the policy says it. */
import { type CallerKind, callers, policy, type Verdict, verdict } from "./policy.ts";

/** One column for all who are always told the same. */
const columns: readonly (readonly [head: string, caller: CallerKind])[] = [
  ["nobody", "nobody"],
  ["bad token", "unproven"],
  ["no member", "stranger"],
  ["its member", "owner"],
  ["another", "another"],
  ["coach", "coach"],
  ["coach, let", "allowed coach"],
  ["operator", "operator"],
  ["auditor", "auditor"],
];
const signs: Readonly<Record<Verdict, string>> = {
  allowed: "yes",
  unauthenticated: "401",
  "not-a-member": "403",
  forbidden: "403",
  hidden: "404",
};
const readers = callers.filter((caller) => caller.startsWith("reading "));

/** Who else may, where a role and what was given with it decides, or something other than a token. */
function others(name: string): string {
  const rule = policy[name];
  if (rule?.may === "holder") return "yes: whoever has its key, code, link or receipt";
  if (rule?.may === "invited") return "yes: members who have its code";
  if (rule?.may !== "reader") return "as another";
  const may = readers.filter((caller) => verdict(name, caller) === "allowed");
  const roles = may.map((caller) => caller.replace("reading ", "")).join(", ");
  const [without = "artist"] = rule.roles;
  return `yes: ${roles} to whom it was given; without that ${signs[verdict(name, without)]}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const shown = (name: string): string => `\`${name.replace("{.+}", "")}\``;

export const accessPage = (): string => `# Who may do what

Every route with what each kind of caller is told there. The table is made of
[\`test/access/policy.ts\`](../test/access/policy.ts), which is written apart from the code: a route without a line
there fails the build, and [the suite](../test/access/access.test.ts) asks the running system, with a person for each
kind and a thing for each route, so that *yes* is a real answer. At every route it asks as nobody, as no member, as
the thing's member, as another and as an operator, and as all for whom it depends on more than that; of everybody else
one in turn.

- **yes**: answered. What changes something is asked once, by one who may.
- **401**: no token, or one that proves nothing; always the same body.
- **403**: the caller is known, and no member or without the role. Readings of others without consent are refused
  so too, with the same words whether there is such a member or not.
- **404**: hidden. The answer is byte for byte the one for what nobody has, but for its request id.
- Where players speak a protocol of their own a 401 is in its words (\`BADAUTH\`, \`BADSESSION\`, \`"valid": false\`), and
  the 404 of a callback is a page with 422 that says the link is over.

*its member* means a thing of their own. *another* means a member who asks for a thing of somebody else's; where a route
names nothing, it is about whoever asks, and *another* sees their own. Whoever reads the totals of artists and
merchants, with a role or without, is *another* everywhere but where the last column names them; staff are members too,
and see their own where members do.

*bad token*: expired, not valid yet, issued in the future, for another audience, by another issuer, \`alg: none\`, HS256
signed with the public key, a key id that nobody has, our key id with another key, a key in its own header, a swapped
header, of somebody erased, or a provider's key. Tokens count in \`Authorization: Bearer\` and nowhere else: not in a
cookie, a query, a form, nor in what a proxy may add. No other page may read an answer (there is no CORS), and nothing
is left in a browser but, while an account is being linked, the secret that ends that link.

| route | ${columns.map(([head]) => head).join(" | ")} | others |
|${"---|".repeat(columns.length + 2)}
${Object.keys(policy)
  .map((name) =>
    row([shown(name), ...columns.map(([, caller]) => signs[verdict(name, caller)]), others(name)]),
  )
  .join("\n")}

How much one caller may ask is in [limits](limits.md); what each item of OWASP's list comes to here, in
[owasp](owasp.md); what is said of each refusal, in [errors](errors.md).
`;

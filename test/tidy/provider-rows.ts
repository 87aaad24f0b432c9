/**
 * What docs/providers.md says of a provider, made of its own object: a row in each of the page's
 * tables, and the list of its doubts. The page is held to these, so a provider that changes, or is
 * new, fails there with the very lines that are to be written.
 */
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type {
  BesidesRecipe,
  Greeting,
  HmacRecipe,
  SignatureRecipe,
} from "../../providers/recipe.ts";
import { toleranceMs } from "../../providers/signature.ts";

export const all = Object.values<Provider>(providers);

const code = (text: string) => `\`${text}\``;
const codes = (texts: readonly string[]) => texts.map(code).join(", ");
const tolerance = `±${toleranceMs / 1000} s`;
const msPerDay = 86_400_000;
const daysOf = (ms: number) => `${ms / msPerDay} day${ms === msPerDay ? "" : "s"}`;

function sizeOf(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return Number.isInteger(mib) ? `${mib} MiB` : `${bytes / 1024} KiB`;
}

function linkOf({ link, reference, memberKey }: Provider): string {
  if (link !== undefined) return "a grant (OAuth 2.0)";
  if (memberKey !== undefined) return "a key of the member's own";
  return reference === undefined ? "nothing: the member's token says whose" : "a word of ours";
}

function receivedOf({ received, receivedJson, receivedText }: Provider["facts"]): string {
  const status = `${received}`;
  if (receivedText !== undefined) return `${status} ${code(receivedText)}`;
  return receivedJson ? `${status} ${code(JSON.stringify(receivedJson))}` : status;
}

// -- proof ----------------------------------------------------------------------------------

const signedOf = ({ signed }: HmacRecipe) =>
  code(signed.map((part) => (part === "." ? part : `<${part}>`)).join(""));

const forms: Readonly<Record<HmacRecipe["form"], string>> = {
  hex: "hex",
  base64: "base64",
  stamped: "`t=<time>,v1=<hex>`",
  versioned: "`v1,<base64>`",
};
const keys: Readonly<Record<HmacRecipe["key"], string>> = {
  text: "",
  "text-and-ampersand": " under the secret and `&`",
  hex: " under a key in hex",
  "standard-webhooks": " under `whsec_…`",
};
const units: Readonly<Record<NonNullable<HmacRecipe["time"]>, string>> = {
  seconds: "seconds",
  milliseconds: "milliseconds",
  either: "seconds (10 digits) or milliseconds (13)",
};

function howOf(recipe: HmacRecipe): string {
  const { hash, key, form, prefix } = recipe;
  const mac = `HMAC-${hash}${keys[key]}, ${prefix === undefined ? "" : `${code(prefix)} and `}${forms[form]}`;
  return key === "standard-webhooks"
    ? `${mac}; or Ed25519 under \`whpk_…\`, \`v1a,<base64>\``
    : mac;
}

const headersOf = ({ headers }: HmacRecipe) =>
  headers
    .map(({ id, time, signature }) => [id, time, signature].filter((name) => name !== undefined))
    .map((names) => codes(names))
    .join("; or ");

const path = "an unguessable part of the path";

/** Of one that proves nothing by itself. */
function observedOf(recipe: HmacRecipe): readonly string[] {
  const how = `${path}; where there is one, noted: ${howOf(recipe)}, over ${signedOf(recipe)}`;
  const time = recipe.time === undefined ? "none" : `${units[recipe.time]}, ${tolerance}`;
  const secrets = `${code("pathKeys")}; ${code("signing")} to check what is noted`;
  return ["nothing", how, `none, or ${headersOf(recipe)}`, time, secrets];
}

const ownKey = "a key of the member's own, in the path or as the bearer";

/** Of what is demanded besides a key of the member's own. */
function besidesOf(recipe: BesidesRecipe): readonly string[] {
  if (recipe.kind === "hmac") {
    const [signed = "", how = "", ...rest] = proofOf(recipe);
    return [signed, `${ownKey}; and ${how}`, ...rest];
  }
  const signed = code(recipe.signed.map((path) => `<${path}>`).join(":"));
  const mac = `HMAC-${recipe.hash}${keys[recipe.key]}, base64, in ${code(recipe.signature)}`;
  return [`of each item ${signed}`, `${ownKey}; and ${mac}`, "none", "none", code("signing")];
}

/** What is signed, how, in which headers, with which time, by which of the deployment's secrets. */
function proofOf(recipe: SignatureRecipe): readonly string[] {
  switch (recipe.kind) {
    case "hmac": {
      const time = recipe.time === undefined ? "none" : `${units[recipe.time]}, ${tolerance}`;
      return [signedOf(recipe), howOf(recipe), headersOf(recipe), time, code("signing")];
    }
    case "authorization-and-tink": {
      const headers = `${code("authorization")}, ${recipe.headers.map(code).join(" or ")}`;
      const how = "ECDSA P-256 in Tink's frame, base64; and a shared value";
      return [code("<body>"), how, headers, "none", code("authorization")];
    }
    case "path-secret":
      return recipe.observed === undefined
        ? ["nothing", path, "none", "none", code("pathKeys")]
        : observedOf(recipe.observed);
    case "shared": {
      const secrets = `${code("shared")}; ${code("pathKeys")} too, where there are any`;
      return "field" in recipe
        ? ["nothing", `a shared value in the body: ${code(recipe.field)}`, "none", "none", secrets]
        : ["nothing", "shared values", recipe.headers.map(code).join(":"), "none", secrets];
    }
    case "member-key":
      return recipe.besides === undefined
        ? ["nothing", ownKey, `none, or ${code("authorization")}`, "none", "none"]
        : besidesOf(recipe.besides);
    case "member-token":
      return ["nothing", "the member's token", code("authorization"), "none", "none"];
  }
}

// -- greeting -------------------------------------------------------------------------------

function greetingOf(greeting: Greeting | undefined): readonly string[] {
  switch (greeting?.kind) {
    case undefined:
      return ["nothing", "", ""];
    case "authorised":
      return [
        `${code(`POST ${greeting.body}`)} with the shared value`,
        `${greeting.status}`,
        "401",
      ];
    case "ping":
      return [
        `${code(`POST ${JSON.stringify(greeting.fields)}`)}, perhaps with a \`timestamp\`; from anybody`,
        `${greeting.status}, and nothing follows`,
        "401",
      ];
    case "word":
      return [code(`GET ?${greeting.parameter}=<word>`), `${greeting.right}`, `${greeting.wrong}`];
    case "hello":
      return [
        `${code("GET")} from anybody`,
        `200 ${code(JSON.stringify(greeting.json))}`,
        "404, under another path key",
      ];
    case "challenge":
      return [
        code(`GET ?${greeting.word}=<word>&${greeting.challenge}=<text>`),
        `200 ${code(`{"${greeting.answer}":"<text>"}`)}`,
        `${greeting.wrong}`,
      ];
  }
}

// -- what is done with it -------------------------------------------------------------------

function shownTo({ facts: { othersMaySee, ownerOnlyFrom = [] } }: Provider): string {
  if (othersMaySee === false) return "its owner";
  const fields = typeof othersMaySee === "boolean" ? [] : [`${codes(othersMaySee.allBut)}`];
  const makers = ownerOnlyFrom.map((maker) => `what is ${code(maker)}'s`);
  const kept = [...fields, ...makers];
  return kept.length === 0 ? "everybody" : `everybody; but ${kept.join(", ")}: its owner`;
}

function workoutsBy({ pull, callbacks, facts }: Provider): string {
  if (callbacks !== undefined) return "in the delivery, or at the address that it names";
  if (facts.delivery === "notice" || facts.delivery === "poll")
    return `read afterwards: ${codes(pull?.collections ?? [])}`;
  return pull === undefined
    ? "in the delivery"
    : `in the delivery; read too: ${codes(pull.collections)}`;
}

const historyOf = ({ backfill }: Provider) =>
  backfill ? `${daysOf(backfill.days * msPerDay)}` : "none";
const samplesOf = ({ samples }: Provider) =>
  samples?.kinds.length ? codes(samples.kinds) : "none";

/** Each table by the head of its first row, and what a provider's row says after its name. */
export const tables: readonly {
  readonly head: readonly string[];
  readonly cells: (provider: Provider) => readonly string[];
}[] = [
  {
    head: [
      "sends",
      "told `received` by",
      "waits for it",
      "largest body",
      "an account is linked by",
    ],
    cells: ({ facts, ...of }) => [
      facts.hearsay ? `${facts.delivery}, as hearsay` : facts.delivery,
      receivedOf(facts),
      facts.answerWithinMs === null ? "not said" : `${facts.answerWithinMs / 1000} s`,
      sizeOf(facts.bodyBytesMax),
      linkOf({ facts, ...of }),
    ],
  },
  {
    head: ["signed", "how", "headers", "time", "secret"],
    cells: ({ signature }) => proofOf(signature),
  },
  {
    head: ["greets by", "right", "wrong"],
    cells: ({ greeting }) => greetingOf(greeting),
  },
  {
    head: ["a record is known by", "its statements are ordered by"],
    cells: ({ facts }) => [facts.identity, facts.revision],
  },
  {
    head: ["a record is gone", "an account withdrew", "time zone"],
    cells: ({ facts }) => [facts.deletion, facts.deauthorisation, facts.timeZone],
  },
  {
    head: [
      "shown to",
      "what came by it, once an account withdrew",
      "workouts",
      "history",
      "samples",
    ],
    cells: (provider) => [
      shownTo(provider),
      provider.facts.onDeauthorised === "erase" ? "erased" : "kept",
      workoutsBy(provider),
      historyOf(provider),
      samplesOf(provider),
    ],
  },
];

const cellOf = (text: string) => (text === "" ? " " : ` ${text.replaceAll("|", "\\|")} `);
const line = (cells: readonly string[]) => `|${cells.map(cellOf).join("|")}|`;

export const headOf = (nth: number): string => line(["provider", ...(tables[nth]?.head ?? [])]);
export const rowOf = (nth: number, provider: Provider): string =>
  line([code(provider.name), ...(tables[nth]?.cells(provider) ?? [])]);

/** The heading under which its doubts stand, and the doubts. */
export const doubtsOf = ({ name, facts }: Provider): string =>
  [
    `### ${code(name)}`,
    "",
    `[${facts.title}](${facts.documentation}), read ${facts.readOn}.${facts.ended === undefined ? "" : ` Switched off on ${facts.ended}.`}`,
    ...(facts.doubts.length === 0 ? [] : ["", ...facts.doubts.map((doubt) => `- ${doubt}`)]),
  ].join("\n");

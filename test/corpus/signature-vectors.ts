/**
 * Published and recorded signatures, read where they are, through the one verifier by each
 * provider's own recipe: a line for each with the verdict that is expected of it. Those that are
 * recorded as genuine are also tried with another secret and with one changed bit.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { providers } from "../../providers/index.ts";
import type { SignatureRecipe } from "../../providers/recipe.ts";
import { parseTinkKeyset, verify } from "../../providers/signature.ts";
import { github, strava, stripe } from "./signature-recipes.ts";

export type Row = readonly [name: string, verdict: string, expected: string];

interface Vector {
  readonly name: string;
  readonly recipe: SignatureRecipe;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly secrets: readonly string[];
  readonly nowMs: number;
  readonly isGenuine: boolean;
}

/** Of the schemes without a time; any will do. */
const anyMs = Date.parse("2026-11-21T00:00:00Z");
const headersOf = (headers: Vector["headers"]) => {
  const lower = new Map(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
  return { get: (name: string) => lower.get(name) ?? null };
};
const word = (isGenuine: boolean) => (isGenuine ? "genuine" : "refused");

async function rowOf({ name, recipe, ...vector }: Vector): Promise<Row> {
  const input = {
    headers: headersOf(vector.headers),
    pathKey: null,
    body: Uint8Array.from(Buffer.from(vector.body)),
  };
  const noKeys = async () => "unavailable" as const;
  const secrets = { signing: vector.secrets };
  const verdict = await verify(recipe, undefined, input, secrets, noKeys, vector.nowMs);
  return [`signature ${name}`, verdict.is, word(vector.isGenuine)];
}

/** Itself; and, of a genuine one, what it may not be taken for. */
function withForgeries(vector: Vector): Vector[] {
  if (!vector.isGenuine) return [vector];
  const changed = Buffer.from(vector.body);
  if (changed.length > 0) changed[0] = (changed[0] ?? 0) ^ 1;
  const others = vector.secrets.map((secret) =>
    secret.startsWith("whsec_") ? `whsec_${Buffer.alloc(24, 7).toString("base64")}` : `${secret}x`,
  );
  const forged = [
    { ...vector, name: `${vector.name}, another secret`, secrets: others },
    { ...vector, name: `${vector.name}, another body`, body: changed },
  ].map((other) => ({ ...other, isGenuine: false }));
  return [vector, ...(changed.length > 0 ? forged : forged.slice(0, 1))];
}

const readJson = (fixtures: string, file: string) =>
  JSON.parse(readFileSync(join(fixtures, file), "utf8"));

interface Case {
  readonly secret: string;
  readonly body: string;
  readonly now?: number;
  readonly expect?: string;
  readonly why?: string;
  readonly [header: string]: string | number | undefined;
}

function ofSchemes(fixtures: string): Vector[] {
  const schemes = readJson(fixtures, "security/webhook-schemes/schemes.json");
  const vector = (recipe: SignatureRecipe, scheme: string, each: Case): Vector => {
    const headers = Object.entries(each).filter(([name]) => /^(x-|stripe-)/.test(name));
    const seconds = each.now ?? Number(each["x-oura-timestamp"] ?? anyMs / 1000);
    return {
      name: `${scheme}${each.why === undefined ? "" : `, ${each.why}`}`,
      recipe,
      headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      body: each.body,
      secrets: [each.secret],
      nowMs: seconds * 1000,
      isGenuine: each.expect !== "reject",
    };
  };
  return [
    vector(github, "GitHub", schemes.github),
    ...schemes.stripe.map((each: Case) => vector(stripe, "Stripe", each)),
    ...schemes.oura.map((each: Case) => vector(providers.oura.signature, "Oura", each)),
  ];
}

const standard = providers["standard-webhooks"].signature;

function ofStandardWebhooks(fixtures: string): Vector[] {
  const { cases, secret_rules } = readJson(fixtures, "security/standard-webhooks/vectors.json");
  const vectors = cases.map(
    (each: {
      name: string;
      headers: Record<string, string>;
      body_b64: string;
      now: unknown;
      secrets: string[];
      expect: string;
    }): Vector => {
      // One case has its reason where the time should be.
      const now = typeof each.now === "number" ? each.now : each.headers["webhook-timestamp"];
      return {
        name: `Standard Webhooks, ${each.name}`,
        recipe: standard,
        headers: each.headers,
        body: Buffer.from(each.body_b64, "base64"),
        secrets: each.secrets,
        nowMs: Number(now) * 1000,
        isGenuine: each.expect === "accept",
      };
    },
  );
  const [known] = vectors;
  const withSecret = (secret: string): Vector => ({
    ...known,
    name: `Standard Webhooks, the secret ${JSON.stringify(secret)}`,
    secrets: [secret],
    isGenuine: false,
  });
  return [...vectors, ...secret_rules.reject.map(withSecret)];
}

function ofTheirLibraries(fixtures: string): Vector[] {
  const said = readJson(fixtures, "standard-webhooks/vectors.json");
  const svix = readJson(fixtures, "standard-webhooks/svix-headers.derived.json");
  const base = {
    recipe: standard,
    body: said.payload,
    nowMs: Number(said.timestamp) * 1000,
    headers: {
      "webhook-id": said.msg_id,
      "webhook-timestamp": said.timestamp,
      "webhook-signature": said.signature,
    },
  };
  const spelt = { "with its prefix": said.secret_prefixed, "without prefix": said.secret };
  const each = Object.entries(spelt).flatMap(([spelling, secret]) =>
    said.cases.map(
      ({ name, sig, ok }: { name: string; sig: string; ok: boolean }): Vector => ({
        ...base,
        name: `libraries, the secret ${spelling}, ${name}`,
        headers: { ...base.headers, "webhook-signature": sig },
        secrets: [secret],
        isGenuine: ok,
      }),
    ),
  );
  const negative = said.negative_secrets.map((secret: string) => ({
    ...base,
    name: `libraries, the secret ${JSON.stringify(secret)}`,
    secrets: [secret],
    isGenuine: false,
  }));
  const bySvix = { ...base, headers: svix.headers, body: svix.body, secrets: [svix.secret] };
  const signed = [
    { ...bySvix, name: "Svix' headers", isGenuine: true },
    {
      ...bySvix,
      name: "Svix' headers, Junction",
      recipe: providers.junction.signature,
      isGenuine: true,
    },
  ];
  return [...each, ...negative, ...signed.flatMap(withForgeries)];
}

function ofFitbit(fixtures: string): Vector[] {
  const said = readJson(fixtures, "fitbit/web-api/signature_vectors_GENERATED.json");
  return said.cases.map(
    (each: { name: string; body_base64: string; signature: string; expect: string }): Vector => ({
      name: `Fitbit, ${each.name}`,
      recipe: providers.fitbit.signature,
      headers: { "x-fitbit-signature": each.signature },
      body: Buffer.from(each.body_base64, "base64"),
      secrets: [said.client_secret],
      nowMs: anyMs,
      isGenuine: each.expect === "valid",
    }),
  );
}

const derived: Readonly<Record<string, SignatureRecipe>> = {
  polar: providers.polar.signature,
  whoop: providers.whoop.signature,
  oura: providers.oura.signature,
  suunto: providers.suunto.signature,
  terra: providers.terra.signature,
  strava,
};

/** When it was signed, by its headers. */
function signedMs(headers: Vector["headers"]): number {
  const [, digits = ""] =
    /(?:^|[ ;t=])(\d{13}|\d{10})(?:[ ,;]|$)/.exec(Object.values(headers).join(" ;")) ?? [];
  if (digits === "") return anyMs;
  return digits.length === 13 ? Number(digits) : Number(digits) * 1000;
}

function ofProvider(fixtures: string, [provider, recipe]: [string, SignatureRecipe]): Vector[] {
  const said = readJson(fixtures, `${provider}/signature.derived.json`);
  const vector: Vector = {
    name: provider,
    recipe,
    headers: said.headers,
    body: said.body,
    secrets: [said.secret],
    nowMs: signedMs(said.headers),
    isGenuine: true,
  };
  const isSignature = (name: string) => /signature$/i.test(name);
  const negative = Object.entries<string>(said.negative ?? {}).map(([name, signature]) => ({
    ...vector,
    name: `${provider}, ${name}`,
    headers: Object.fromEntries(
      Object.entries<string>(said.headers).map(([k, v]) => [k, isSignature(k) ? signature : v]),
    ),
    isGenuine: false,
  }));
  const late = { ...vector, name: `${provider}, 301 s later`, nowMs: vector.nowMs + 301_000 };
  const hasTime = vector.nowMs !== anyMs;
  return [
    ...withForgeries(vector),
    ...negative,
    ...(hasTime ? [{ ...late, isGenuine: false }] : []),
  ];
}

async function googleRows(fixtures: string): Promise<Row[]> {
  const published = await parseTinkKeyset(
    readFileSync(join(fixtures, "fitbit/google-health/google_webhooks_public_keyset.json"), "utf8"),
  );
  const vectors = readJson(fixtures, "fitbit/google-health/signature_vectors.json");
  const found: Row[] = [["public key set", `${published.size} keys`, "5 keys"]];
  const recipe = providers["google-health"].signature;
  for (const vector of vectors.cases) {
    const keys = await parseTinkKeyset(JSON.stringify(vectors[vector.keyset ?? "keyset"]));
    const authorization = "Bearer corpus";
    const body = new TextEncoder().encode(vector.body);
    for (const spelling of recipe.headers) {
      const headers = new Headers({ authorization, [spelling]: vector.signature });
      let askedAgain = false;
      const verdict = await verify(
        recipe,
        undefined,
        { headers, pathKey: null, body },
        { authorization: [authorization] },
        async (refresh) => {
          askedAgain ||= refresh;
          return keys;
        },
        anyMs,
      );
      const refused = askedAgain ? "unknown_key_id" : "invalid";
      found.push([
        `signature ${vector.name}, ${spelling}`,
        verdict.is === "genuine" ? "valid" : refused,
        vector.expect,
      ]);
    }
  }
  return found;
}

export async function signatureRows(fixtures: string): Promise<Row[]> {
  const vectors = [
    ...ofSchemes(fixtures),
    ...ofStandardWebhooks(fixtures),
    ...ofTheirLibraries(fixtures),
    ...ofFitbit(fixtures),
    ...Object.entries(derived).flatMap((entry) => ofProvider(fixtures, entry)),
  ];
  return [...(await googleRows(fixtures)), ...(await Promise.all(vectors.map(rowOf)))];
}

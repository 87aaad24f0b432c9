/**
 * A provider as everybody is shown it: what stands in its own object, in words and numbers, so that
 * nothing is said here that does not hold there. No secret is part of it.
 */
import * as z from "zod";
import type { RateWindow } from "../../domain/budget.ts";
import { type StreamName, streams } from "../../domain/streams.ts";
import type { Provider } from "../../providers/provider.ts";
import type { BesidesRecipe, SignatureRecipe } from "../../providers/recipe.ts";
import { toleranceMs } from "../../providers/signature.ts";

const abilities = [
  "push",
  "notices",
  "polling",
  "device",
  "fetch",
  "history",
  "samples",
  "deletions",
  "deauthorisations",
  "signs",
  "greets",
  "revokes",
] as const;
type Ability = (typeof abilities)[number];

const count = z.number().int();
const windows = z.array(z.object({ name: z.string(), calls: count, windowMs: count }));
const signed = z.object({
  kind: z.enum([
    "hmac",
    "authorization-and-tink",
    "path-secret",
    "shared",
    "member-key",
    "member-token",
    "items",
  ]),
  hash: z.enum(["SHA-1", "SHA-256"]).nullable(),
  headers: z.array(z.string()).describe("Those that carry the proof, or are a part of it."),
  field: z.string().nullable().describe("The field of the JSON body that carries it."),
  signed: z.array(z.string()).describe("What is signed, one after another."),
  form: z.string().nullable(),
  time: z
    .enum(["seconds", "milliseconds", "either"])
    .nullable()
    .describe("The unit of the time that is signed; null: none is."),
  toleranceMs: count.nullable().describe("How far that time may be off, both ways."),
});
const signature = signed.extend({
  observed: signed
    .nullable()
    .describe("One that proves nothing: it is checked and noted, and demanded where that is set."),
  besides: signed.nullable().describe("One that is demanded besides a key of the member's own."),
});

export const providerShape = z
  .object({
    name: z.string(),
    stream: z.string(),
    title: z.string(),
    delivery: z.enum(["push", "notice", "poll", "device"]),
    bodyBytesMax: count,
    received: count.describe("The status that tells it that all of it was received."),
    receivedJson: z
      .record(z.string(), z.string())
      .nullable()
      .describe("What has to stand under that status, exactly; null: nothing."),
    receivedText: z.string().nullable().describe("Or the text; null: none."),
    answerWithinMs: count.nullable().describe("Null: it does not say."),
    hearsay: z
      .boolean()
      .describe("What it says is worth a reading there with the member's own token, and no more."),
    othersMaySee: z.union([z.boolean(), z.object({ allBut: z.array(z.string()) })]),
    ownerOnlyFrom: z
      .array(z.string())
      .describe("Makers whose records it passes on to their owner alone."),
    onDeauthorised: z.enum(["erase", "keep"]),
    identity: z.string(),
    revision: z.string(),
    deletion: z.string(),
    deauthorisation: z.string(),
    timeZone: z.string(),
    doubts: z.array(z.string()).describe("What could not be ascertained, and how it is read here."),
    ended: z.string().optional().describe("The day on which its provider switched it off."),
    documentation: z.string(),
    readOn: z.string(),
    signature,
    greeting: z.enum(["authorised", "ping", "word", "challenge", "hello"]).nullable(),
    linking: z
      .enum(["oauth", "reference", "key", "device"])
      .describe(
        "How an account is linked: by a grant, by a word of ours, by a key of the member's own, or " +
          "not at all.",
      ),
    scopes: z.array(z.object({ scope: z.string(), why: z.string(), needed: z.boolean() })),
    feeds: z.object({
      workouts: z.boolean(),
      samples: z.array(z.string()).describe("Kinds that are read and kept."),
    }),
    history: z.object({ days: count, stepDays: count }).nullable(),
    budget: z
      .object({ app: windows, member: windows })
      .nullable()
      .describe("Null: nothing is known of it, and a cautious one holds."),
    restricted: z.array(z.string()).describe("Fields that only the vault opens, and says so."),
    display: z
      .record(z.string(), z.enum(["others", "owner"]))
      .describe("Who may be shown each open field where only this provider knows it."),
    can: z.array(z.enum(abilities)),
  })
  .meta({ id: "Provider" });

export function shownProvider(provider: Provider): z.output<typeof providerShape> {
  const { name, stream, facts, greeting, link, backfill, budget, samples } = provider;
  const { othersMaySee } = facts;
  return {
    ...facts,
    receivedJson: facts.receivedJson ? { ...facts.receivedJson } : null,
    receivedText: facts.receivedText ?? null,
    hearsay: facts.hearsay ?? false,
    doubts: [...facts.doubts],
    ownerOnlyFrom: [...(facts.ownerOnlyFrom ?? [])],
    othersMaySee: typeof othersMaySee === "boolean" ? othersMaySee : fieldsOf(othersMaySee),
    name,
    stream,
    signature: shownSignature(provider.signature),
    greeting: greeting?.kind ?? null,
    linking: linkingOf(provider),
    scopes: (link?.scopes ?? []).map(({ scope, why, needed }) => ({ scope, why, needed })),
    feeds: { workouts: stream === "workouts", samples: [...(samples?.kinds ?? [])] },
    history: backfill ? { days: backfill.days, stepDays: backfill.stepDays } : null,
    budget: budget ? { app: shown(budget.app), member: shown(budget.member) } : null,
    restricted: Object.keys(streams[stream].seal),
    display: displayOf(stream, othersMaySee),
    can: abilitiesOf(provider),
  };
}

type OthersMaySee = Provider["facts"]["othersMaySee"];

const fieldsOf = ({ allBut }: Exclude<OthersMaySee, boolean>) => ({ allBut: [...allBut] });

const shown = (some: readonly RateWindow[]) =>
  some.map(({ name, calls, windowMs }) => ({ name, calls, windowMs }));

const linkingOf = ({ link, reference, memberKey }: Provider) => {
  if (link !== undefined) return "oauth";
  if (memberKey !== undefined) return "key";
  return reference === undefined ? "device" : "reference";
};

function displayOf(stream: StreamName, othersMaySee: OthersMaySee) {
  const { schema, seal } = streams[stream];
  const fields = Object.keys((schema as unknown as z.ZodObject).shape);
  const isOwners = (field: string) =>
    typeof othersMaySee === "boolean"
      ? !othersMaySee
      : (othersMaySee.allBut as readonly string[]).includes(field);
  return Object.fromEntries(
    fields
      .filter((field) => !Object.hasOwn(seal, field))
      .map((field) => [field, isOwners(field) ? ("owner" as const) : ("others" as const)]),
  );
}

function shownSignature(recipe: SignatureRecipe): z.output<typeof signature> {
  const observed = recipe.kind === "path-secret" ? recipe.observed : undefined;
  const besides = recipe.kind === "member-key" ? recipe.besides : undefined;
  return {
    ...shownProof(recipe),
    observed: observed ? shownProof(observed) : null,
    besides: besides ? shownProof(besides) : null,
  };
}

function shownProof(recipe: SignatureRecipe | BesidesRecipe): z.output<typeof signed> {
  const bare = { hash: null, headers: [], field: null, signed: [], form: null };
  const none = { ...bare, time: null, toleranceMs: null };
  switch (recipe.kind) {
    case "hmac": {
      const { kind, hash, form, time = null } = recipe;
      const names = recipe.headers.flatMap((set) => [set.id, set.time, set.signature]);
      const headers = [...new Set(names.filter((name) => name !== undefined))];
      const parts = [...recipe.signed];
      const toleratedMs = time && toleranceMs;
      return { ...none, kind, hash, headers, signed: parts, form, time, toleranceMs: toleratedMs };
    }
    case "items":
      return { ...none, kind: recipe.kind, hash: recipe.hash, signed: [...recipe.signed] };
    case "authorization-and-tink": {
      const headers = ["authorization", ...recipe.headers];
      return { ...none, kind: recipe.kind, hash: "SHA-256", headers, signed: ["body"] };
    }
    case "shared":
      return "field" in recipe
        ? { ...none, kind: recipe.kind, field: recipe.field }
        : { ...none, kind: recipe.kind, headers: [...recipe.headers] };
    case "path-secret":
      return { ...none, kind: recipe.kind };
    case "member-key":
    case "member-token":
      return { ...none, kind: recipe.kind, headers: ["authorization"] };
  }
}

const deliveries = {
  push: "push",
  notice: "notices",
  poll: "polling",
  device: "device",
} as const satisfies Record<Provider["facts"]["delivery"], Ability>;

function abilitiesOf(provider: Provider): Ability[] {
  const { facts, pull, backfill, samples, signature: recipe, greeting, link } = provider;
  const has: Partial<Record<Ability, boolean>> = {
    [deliveries[facts.delivery]]: true,
    fetch: pull !== undefined,
    history: backfill !== undefined,
    samples: samples !== undefined && samples.kinds.length > 0,
    deletions: isSaid(facts.deletion),
    deauthorisations: isSaid(facts.deauthorisation),
    signs:
      recipe.kind === "hmac" ||
      recipe.kind === "authorization-and-tink" ||
      (recipe.kind === "member-key" && recipe.besides !== undefined),
    greets: greeting !== undefined,
    revokes: link?.revoke !== undefined,
  };
  return abilities.filter((ability) => has[ability]);
}

/** A fact that begins so says that it is not to be had. */
const isSaid = (fact: string): boolean => !/^never\b/.test(fact);

/**
 * One body through its provider: as a delivery, as an answer of its API, as a record of its own, as
 * readings; and if it is none of these, whatever lies in it, since people record bodies inside lists
 * and envelopes of their own. What is found is what the provider's own functions made of it.
 */
import type { Instant } from "../../../domain/time.ts";
import { workoutSchema } from "../../../domain/workouts/schema.ts";
import { corosJson } from "../../../providers/coros/json.ts";
import {
  type AccountLink,
  type AccountNotice,
  type Delivery,
  type Draft,
  isRetractedDraft,
  type Provider,
  type PullStep,
} from "../../../providers/provider.ts";
import type { SampleDraft } from "../../../providers/samples.ts";
import { jsonIn } from "./content.ts";
import { type Fields, isFields } from "./fields.ts";
import { isWorkout, workoutsIn } from "./shapes.ts";
import { byShapeAlone, type Vocabulary, vocabularyOf } from "./vocabulary.ts";

/** Later than anything recorded. */
export const receivedMs = 4_000_000_000_000;

const depthMax = 6;
const entriesMax = 100_000;

/** What the provider's own functions made of a body. */
export interface Found {
  readonly drafts: Draft[];
  /** Why a workout was not read. */
  readonly faults: string[];
  readonly notices: AccountNotice[];
  /** Claims, links and ends, in words. */
  readonly claims: string[];
  readonly links: string[];
  readonly ends: string[];
  /** Understood, for the samples; of some, the samples lie in the body itself. */
  readonly later: { readonly notice: AccountNotice; readonly samples: number }[];
  laterItems: number;
  readonly samples: SampleDraft[];
  readonly sampleFaults: string[];
  unknown: number;
  /** Workouts that stand in a delivery which anybody could have sent, and are read elsewhere for it. */
  hinted: number;
  /** As what the whole body was read; null: what was found lay inside it. */
  as: "delivery" | "answer" | null;
}

export const nothingFound = (): Found => ({
  drafts: [],
  faults: [],
  notices: [],
  claims: [],
  links: [],
  ends: [],
  later: [],
  laterItems: 0,
  samples: [],
  sampleFaults: [],
  unknown: 0,
  hinted: 0,
  as: null,
});

/** One by one: a body may hold more than a call may have arguments. */
function add<T>(list: T[], more: readonly T[]): void {
  for (const one of more) list.push(one);
}

const saysAnything = (f: Found): boolean =>
  f.drafts.length + f.faults.length + f.notices.length + f.claims.length + f.links.length > 0 ||
  f.ends.length + f.later.length + f.laterItems + f.samples.length + f.sampleFaults.length > 0;

/** `text` is the body as it came, when `value` is the whole of it. */
export function understand(provider: Provider, parsed: unknown, text: string): Found {
  const found = nothingFound();
  const its = vocabularyOf(provider.name);
  const value = exact(provider, parsed, text);
  look({ provider, its, found }, value, text, "", 0);
  // What is for the samples is a day or a night, however many words it shares with a workout.
  const isForSamples = found.later.length + found.laterItems + found.samples.length > 0;
  // What nobody read, and what was left out of a delivery, is a workout refused.
  const held = workoutsIn(value, "", isForSamples ? byShapeAlone(its) : its).length;
  const read = found.drafts.length + found.faults.length + found.hinted;
  for (let i = read; i < held; i++) found.faults.push("not-understood");
  return found;
}

/** Where ids are integers beyond 2^53, two of them are one in JSON as it is commonly read. */
const exact = (provider: Provider, parsed: unknown, text: string): unknown =>
  provider.name === "coros" ? (corosJson(text) ?? parsed) : parsed;

interface Looking {
  readonly provider: Provider;
  readonly its: Vocabulary | undefined;
  readonly found: Found;
}

function look(its: Looking, value: unknown, text: string, under: string, depth: number): void {
  const { provider, found } = its;
  const [heard, unknown] = [found.notices.length, found.unknown];
  if (delivery(provider, text, found, depth === 0)) {
    if (depth === 0) found.as = "delivery";
    // Each is worth a reading, but for those of which nobody knows whose they are.
    if (provider.facts.hearsay && found.notices.length > heard) {
      const held = workoutsIn(value, "", its.its).length;
      found.hinted += Math.max(0, held - (found.unknown - unknown));
    }
    return;
  }
  if (page(its, value, text)) {
    if (depth === 0) found.as = "answer";
    return;
  }
  if (isWorkout(value, under, its.its)) {
    // A record whose `type` was taken for an event's is no entry beside itself.
    if (depth === 0) found.unknown = 0;
    take(provider, value, found);
    return;
  }
  const hasWorkouts = workoutsIn(value, under, its.its).length > 0;
  // What the provider itself has no name for is not guessed at.
  const isNamed = found.unknown === 0;
  if (!hasWorkouts && isNamed && readings(provider, value, under, found)) return;
  if (depth >= depthMax) return;
  const children: [string, unknown][] = Array.isArray(value)
    ? value.slice(0, entriesMax).map((element) => [under, element])
    : Object.entries(value as Fields);
  for (const [key, child] of children) {
    // A body that was recorded as text, inside an envelope of somebody's own.
    const inner = typeof child === "string" && /^\s*[{[]/.test(child) ? jsonIn(child) : child;
    if (typeof inner !== "object" || inner === null) continue;
    const said = typeof child === "string" ? child : textOf(inner);
    if (said !== null) look(its, inner, said, key, depth + 1);
  }
}

/** Null when it is nested deeper than can be written. */
function textOf(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

/** As the door takes it. False when it is none, or nothing in it is understood. */
export function delivery(
  provider: Provider,
  text: string,
  found: Found,
  isWhole: boolean,
): boolean {
  const parsed = provider.parse(text);
  if (!parsed.ok) return false;
  const said = nothingFound();
  takeDelivery(provider, parsed.value, samplesBeside(text), said);
  // Of a part of a body that was not understood as a whole, it was counted there.
  if (isWhole || saysAnything(said)) found.unknown += said.unknown;
  if (!saysAnything(said)) return false;
  merge(found, said);
  return true;
}

const linkText = ({ by }: AccountLink): string =>
  "reference" in by ? "an account, by its member's word" : "an account in another's place";

function samplesBeside(text: string): number {
  const json = jsonIn(text);
  return isFields(json) && Array.isArray(json.samples) ? json.samples.length : 0;
}

function takeDelivery(provider: Provider, delivery: Delivery, samples: number, found: Found): void {
  const { items, notices, claims, links = [], ends = [], later, unknown } = delivery;
  for (const { kind, body } of items) {
    const draft = provider.normalise(kind, body, receivedMs);
    if (draft.ok) keep(draft.value, found);
    else found.faults.push(draft.error);
  }
  add(found.notices, notices);
  add(
    found.claims,
    claims.map(({ claim }) => claim),
  );
  add(found.links, links.map(linkText));
  add(
    found.ends,
    ends.map(({ why }) => why),
  );
  for (const { kind, body } of later?.items ?? []) {
    found.laterItems++;
    const read = provider.samples?.read(kind, body, receivedMs);
    if (read?.ok) add(found.samples, read.value);
    else found.sampleFaults.push(read?.error ?? "unknown-kind");
  }
  for (const notice of later?.notices ?? []) found.later.push({ notice, samples });
  found.unknown += unknown;
}

/** As an answer of the provider's API: one record, or else a page of a list. */
function page({ provider, its, found }: Looking, value: unknown, text: string): boolean {
  const { pull } = provider;
  if (pull === undefined) return false;
  const reply = { status: 200, body: text, complete: true, fault: null } as const;
  const answer = { ...reply, retryAfterMs: null, headers: {} };
  const [collection = ""] = pull.collections;
  const listed: PullStep = { collection, fromMs: 0, toMs: receivedMs };
  const alone = pull.page(answer);
  const read = alone.ok ? alone : pull.page(answer, listed, null);
  if (!read.ok) return false;
  const items = read.value.items.filter(isFields);
  // What stands around an item tells more of it than it does alone.
  const areAll = items.length === workoutsIn(value, "", its).length;
  const workouts = areAll ? items : items.filter((item) => isWorkout(item, "", its));
  for (const item of workouts) take(provider, item, found);
  return workouts.length > 0;
}

/** Numbers beyond what a workout can be are refused behind every provider, so they are here. */
function keep(draft: Draft, found: Found): void {
  if (isRetractedDraft(draft)) {
    found.drafts.push(draft);
    return;
  }
  const ids = { id: "id", revision: 0, member: "m", connection: "c", originId: "o", copyOf: null };
  const fact = { ...draft.fields, ...ids, provider: "corpus", sourceId: draft.sourceId };
  if (workoutSchema.safeParse(fact).success) found.drafts.push(draft);
  else found.faults.push("out-of-range");
}

/** Words by which providers know their workouts; those of this one are found by asking it. */
const kindsTried =
  "workout workouts exercise exercises activity activities activityDetails session sessions".split(
    " ",
  );

/** By the kind that reads it; else for the reason that says the most. */
function take(provider: Provider, record: Fields, found: Found): void {
  const kinds = new Set([...(provider.pull?.collections ?? []), ...kindsTried]);
  // Some providers' items stand in an object with what the delivery says around them.
  const bodies: unknown[] = [record, { workout: record }, { activity: record }];
  if (provider.pull !== undefined) bodies.unshift(provider.pull.join(record, []));
  const faults: string[] = [];
  for (const body of bodies) {
    // One that lacks a part of its own is none that lacks what stands around it.
    if (faults.includes("no-summary") && faults.every((fault) => empty.includes(fault))) break;
    for (const kind of kinds) {
      const draft = provider.normalise(kind, body, receivedMs);
      if (draft.ok) {
        keep(draft.value, found);
        return;
      }
      faults.push(draft.error);
    }
  }
  found.faults.push(faults.find((fault) => !empty.includes(fault)) ?? "not-understood");
}
/** Of a kind that is not this one's. */
const empty = ["unknown-kind", "not-an-object", "no-summary"];

/** As readings between workouts, by the kind that finds the most in it. */
function readings(provider: Provider, value: unknown, under: string, found: Found): boolean {
  const { samples } = provider;
  if (samples === undefined) return false;
  let most: readonly SampleDraft[] = [];
  const kinds = [...samples.kinds].sort((a, b) => Number(b === under) - Number(a === under));
  for (const kind of kinds) {
    const read = samples.read(kind, value, receivedMs);
    if (read.ok && read.value.length > most.length) most = read.value;
  }
  add(found.samples, most);
  return most.length > 0;
}

function merge(into: Found, from: Found): void {
  for (const [key, list] of Object.entries(from))
    if (Array.isArray(list))
      for (const entry of list) (into[key as keyof Found] as unknown[]).push(entry);
  into.laterItems += from.laterItems;
}

export interface Read {
  readonly type: string;
  readonly startMs: Instant;
  readonly offsetMin: number | null;
  readonly elapsedMs: number;
  readonly distanceMm: number | null;
}

/** What a draft says in the open; null: that its record is gone. */
export function readOf(draft: Draft): Read | null {
  if (isRetractedDraft(draft)) return null;
  const { type, at, offsetMin, elapsedMs, distanceMm } = draft.fields;
  return { type, startMs: at, offsetMin, elapsedMs, distanceMm } as unknown as Read;
}

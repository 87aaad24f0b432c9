/**
 * Runs what a provider has to show (cases/form.ts) through the provider and the one verifier. Each
 * function says what came out, in the words of the case, so that a failing test shows both.
 */
import type { ProviderReply } from "../../../domain/ports.ts";
import type { Settings } from "../../../domain/stream.ts";
import { formatMoment, parseMoment } from "../../../domain/time.ts";
import { isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import type { Keyset, ProviderSecrets, Verdict } from "../../../providers/recipe.ts";
import { recordsOf } from "../../../providers/samples.ts";
import { greet, isAddressed, parseTinkKeyset, verify } from "../../../providers/signature.ts";
import type {
  GreetingCase,
  MalformedCase,
  ProviderCases,
  SaidCase,
  SampleCase,
  SignedCase,
  TimeCase,
} from "../cases/form.ts";
import { hostileValues, spoiltOf } from "../hostile.ts";

/** Later than what any case says of itself, or it says otherwise. */
export const receivedMs = Date.UTC(2026, 10, 21);

const bytesOf = (body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  typeof body === "string" ? new Uint8Array(new TextEncoder().encode(body)) : body;

async function keysetOf({ publishedKeys }: ProviderCases): Promise<Keyset> {
  const keys =
    publishedKeys === undefined
      ? new Map<number, CryptoKey>()
      : await parseTinkKeyset(publishedKeys);
  return async () => keys;
}

export async function verdictOn(
  provider: Provider,
  cases: ProviderCases,
  said: Omit<SignedCase, "name">,
  secrets: ProviderSecrets = cases.secrets,
): Promise<Verdict> {
  const { headers = {}, pathKey = null, address, body, nowMs } = said;
  return verify(
    provider.signature,
    provider.greeting,
    {
      ...{ headers: new Headers(headers), pathKey, body: bytesOf(body) },
      ...(address === undefined ? {} : { address }),
    },
    secrets,
    await keysetOf(cases),
    nowMs,
  );
}

/** The same secrets, but of every kind that there are several of only the nth. */
export function onlySecret(secrets: ProviderSecrets, nth: number): ProviderSecrets {
  const entries = Object.entries(secrets).map(([kind, list]) => [
    kind,
    Array.isArray(list) && list.length > 1 ? list.slice(nth, nth + 1) : list,
  ]);
  return Object.fromEntries(entries);
}

/** Which secrets a recipe is proven by; nothing for keys that the provider publishes. */
export function provingSecrets({ signature }: Provider, secrets: ProviderSecrets) {
  switch (signature.kind) {
    case "path-secret":
      return secrets.pathKeys ?? [];
    case "shared":
      return secrets.shared ?? [];
    case "hmac":
    case "member-key":
      return secrets.signing ?? [];
    default:
      return secrets.authorization ?? [];
  }
}

/** Whose a delivery is, by a member's key or token, is the route's to check. */
export const isRoutes = ({ signature }: Provider): boolean =>
  signature.kind === "member-token" ||
  (signature.kind === "member-key" && signature.besides === undefined);

export async function answerTo(
  provider: Provider,
  cases: ProviderCases,
  { method, query = "", headers = {}, pathKey, body = "", nowMs }: GreetingCase,
): Promise<GreetingCase["answer"]> {
  if (method === "POST") {
    const at = pathKey === undefined ? {} : { pathKey };
    const verdict = await verdictOn(provider, cases, { headers, ...at, body, nowMs });
    return verdict.is === "greeting" ? { status: verdict.status } : "refused";
  }
  // As the door does: elsewhere than at the address that the provider was told, nobody is there.
  if (!(await isAddressed(pathKey ?? null, cases.secrets, nowMs))) return { status: 404 };
  const search = new URLSearchParams(query);
  const greeted = await greet(provider.greeting, search, cases.secrets, nowMs);
  return greeted ?? "refused";
}

const reply: ProviderReply = {
  status: 200,
  body: "",
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
};

/** What a body says, what record an item retracts, or the fault of an answer. */
export function saidBy(provider: Provider, said: SaidCase): unknown {
  if ("body" in said) {
    const { headers = {} } = said;
    const parsed = provider.parse(said.body, { header: (name) => headers[name] ?? null });
    return parsed.ok ? parsed.value : parsed.error;
  }
  if ("reply" in said) {
    const page = provider.pull?.page({ ...reply, ...said.reply });
    return page?.ok === false ? page.error : "an answer without a fault";
  }
  const draft = provider.normalise(said.kind, said.item, receivedMs);
  if (!draft.ok) return draft.error;
  return isRetractedDraft(draft.value) ? draft.value.sourceId : "a record that is there";
}

export const expectedOf = (said: SaidCase): unknown =>
  "body" in said ? said.says : "reply" in said ? said.fault : said.retracts;

/** Where the member of every sample's case lives. */
const zones: Settings["zones"] = [{ zone: "Europe/Berlin", fromMs: 0 }];

const recordsIn = ({ name, samples }: Provider, kind: string, item: unknown) => {
  const drafts = samples?.read(kind, item, receivedMs);
  return drafts?.ok ? recordsOf(drafts.value, name, zones, receivedMs) : drafts;
};

/** In the words of a case; or what was wrong, with the item or with one of its drafts. */
export function samplesOf(
  provider: Provider,
  { kind, item }: Pick<SampleCase, "kind" | "item">,
): SampleCase["comes"] | string {
  const found = recordsIn(provider, kind, item);
  if (found === undefined || "ok" in found) return `not read: ${JSON.stringify(found)}`;
  const fault = found.find((result) => !result.ok);
  if (fault !== undefined) return `no record: ${JSON.stringify(fault)}`;
  return found.flatMap((result) =>
    (result.ok ? [result.value] : []).flatMap(({ metric, samples }) =>
      samples.map(({ fromMs, toMs, value, stage }) => {
        const told = [metric, formatMoment(fromMs), formatMoment(toMs), value] as const;
        return stage === null ? told : ([...told, stage] as const);
      }),
    ),
  );
}

export const expectedSamples = ({ comes }: SampleCase): SampleCase["comes"] =>
  comes.map(([metric, from, to, value, ...stage]) => {
    const [at, until] = [from, to].map((text) => formatMoment(Date.parse(text)));
    return [metric, at ?? "", until ?? "", value, ...stage];
  });

/** Throws if anything does. */
export function readsAll(provider: Provider, { kind, item }: SampleCase): number {
  let read = 0;
  for (const spoilt of spoiltOf(item)) {
    recordsIn(provider, kind, spoilt);
    read++;
  }
  for (const each of provider.samples?.kinds ?? [])
    for (const value of hostileValues) recordsIn(provider, each, value);
  return read;
}

export function timesOf(provider: Provider, { kind, item }: TimeCase): unknown {
  const draft = provider.normalise(kind, item, receivedMs);
  if (!draft.ok) return draft.error;
  if (isRetractedDraft(draft.value)) return "gone";
  const { at, elapsedMs, offsetMin } = draft.value.fields;
  return { at, elapsedMs, offsetMin };
}

export function expectedTimes({ at, elapsedMs, offsetMin }: TimeCase) {
  const moment = parseMoment(at);
  return { at: moment.ok ? moment.value.atMs : `${at} is no time`, elapsedMs, offsetMin };
}

export function faultOf(provider: Provider, said: MalformedCase): string {
  const result =
    "body" in said
      ? provider.parse(said.body)
      : provider.normalise(said.kind, said.item, receivedMs);
  return result.ok ? "no fault" : result.error;
}

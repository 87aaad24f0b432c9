/**
 * What a provider has to show of itself, run for real: who signed, how a new address is greeted,
 * what is gone, who withdrew, when it was, what is no activity that anybody knows, and what is
 * malformed. One without one of these fails here, and the test says which is missing.
 */
import { expect, it } from "vitest";
import { streams } from "../../../domain/streams.ts";
import { isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import { kidOf } from "../../../providers/signature.ts";
import type { None, ProviderCases, SaidCase } from "../cases/form.ts";
import {
  answerTo,
  expectedOf,
  expectedSamples,
  expectedTimes,
  faultOf,
  isRoutes,
  onlySecret,
  provingSecrets,
  readsAll,
  receivedMs,
  saidBy,
  samplesOf,
  timesOf,
  verdictOn,
} from "./run.ts";
import { isSentence } from "./sentences.ts";

const genuineMin = 2;
const forgedMin = 5;
const timesMin = 2;
const malformedMin = 2;

const isNone = (cases: readonly unknown[] | object): cases is None => "none" in cases;
/** Beside its name, each must be another. */
const names = (cases: readonly { readonly name: string }[]) => cases.map(({ name }) => name);

/** Its tests, to be called where tests are described. */
export function shows(provider: Provider, cases: () => ProviderCases): void {
  it("which deliveries are genuine, and under which key, also while two keys count", async () => {
    const { signatures, secrets } = cases();
    expect(isNone(signatures)).toBe(isRoutes(provider));
    if (isNone(signatures)) return expect(isSentence(signatures.none)).toBe(true);
    const { genuine } = signatures;
    expect(genuine.length).toBeGreaterThanOrEqual(genuineMin);
    expect(new Set(names(genuine)).size).toBe(genuine.length);
    const proving = provingSecrets(provider, secrets);
    expect(proving.length, "secrets that count").toBe(2);
    const kids = await Promise.all(proving.map(kidOf));
    const passed = [0, 0];
    for (const said of genuine) {
      const verdict = await verdictOn(provider, cases(), said);
      expect(verdict, said.name).toMatchObject({ is: "genuine" });
      const kid = verdict.is === "genuine" ? verdict.kid : "";
      if (provider.signature.kind === "authorization-and-tink") expect(kid).toMatch(/^\d+$/);
      else expect(kids, said.name).toContain(kid);
      for (const nth of [0, 1]) {
        const only = await verdictOn(provider, cases(), said, onlySecret(secrets, nth));
        if (only.is === "genuine") passed[nth] = (passed[nth] ?? 0) + 1;
      }
    }
    expect(Math.min(...passed), "genuine under each secret alone").toBeGreaterThanOrEqual(1);
  });

  it("which deliveries are forged, and nothing is genuine without a secret", async () => {
    const { signatures } = cases();
    if (isNone(signatures)) return expect(isRoutes(provider)).toBe(true);
    const { genuine, forged } = signatures;
    expect(forged.length).toBeGreaterThanOrEqual(forgedMin);
    expect(new Set(names(forged)).size).toBe(forged.length);
    for (const said of forged)
      expect(await verdictOn(provider, cases(), said), said.name).toEqual({ is: "refused" });
    for (const said of genuine)
      expect(await verdictOn(provider, cases(), said, {}), said.name).toEqual({ is: "refused" });
  });

  it("how a new address is greeted, rightly and wrongly", async () => {
    const { greetings } = cases();
    expect(isNone(greetings)).toBe(provider.greeting === undefined);
    if (isNone(greetings)) return expect(isSentence(greetings.none)).toBe(true);
    expect(new Set(names(greetings)).size).toBe(greetings.length);
    const isRight = ({ answer }: (typeof greetings)[number]) =>
      answer !== "refused" && answer.status < 300;
    expect(greetings.some(isRight), "a right one").toBe(true);
    expect(greetings.every(isRight), "only right ones").toBe(false);
    for (const greeting of greetings)
      expect(await answerTo(provider, cases(), greeting), greeting.name).toEqual(greeting.answer);
  });

  const said = (all: readonly SaidCase[] | None): void => {
    if (isNone(all)) {
      expect(isSentence(all.none)).toBe(true);
      return;
    }
    expect(all.length).toBeGreaterThanOrEqual(1);
    for (const one of all) {
      const expected = expectedOf(one);
      if (typeof expected === "object" && expected !== null)
        expect(Object.keys(expected), one.name).not.toEqual([]);
      const result = saidBy(provider, one);
      if (typeof expected === "string") expect(result, one.name).toBe(expected);
      else expect(result, one.name).toMatchObject(expected as object);
    }
  };
  it("how it says that a record is gone, or that it never does", () => said(cases().deletions));
  it("how it says that an account withdrew, or that it never does", () =>
    said(cases().deauthorisations));

  it("nothing that counts by itself, where anybody could have said it", () => {
    const { signatures, deletions, deauthorisations } = cases();
    if (!provider.facts.hearsay) return;
    const bodies = [
      ...(isNone(signatures) ? [] : signatures.genuine.map(({ body }) => body)),
      ...[deletions, deauthorisations].flatMap((all) =>
        isNone(all) ? [] : all.flatMap((one) => ("body" in one ? [one.body] : [])),
      ),
    ];
    expect(bodies).not.toEqual([]);
    for (const body of bodies) {
      const text = typeof body === "string" ? body : new TextDecoder().decode(body);
      const parsed = provider.parse(text);
      if (!parsed.ok) continue;
      const { items, links = [], ends = [], grants = [] } = parsed.value;
      expect({ items, links, ends, grants }).toEqual({
        items: [],
        links: [],
        ends: [],
        grants: [],
      });
    }
  });

  it("when it was, in whatever zone", () => {
    const { timeZones } = cases();
    expect(timeZones.length).toBeGreaterThanOrEqual(timesMin);
    for (const one of timeZones)
      expect(timesOf(provider, one), one.name).toEqual(expectedTimes(one));
  });

  it("an activity that nobody has heard of: it is other, and the word is kept", () => {
    const { unknownType } = cases();
    expect(isNone(unknownType)).toBe(provider.stream !== "workouts");
    if (isNone(unknownType)) return expect(isSentence(unknownType.none)).toBe(true);
    const { kind, item, word } = unknownType;
    expect(word).not.toBe("");
    const result = provider.normalise(kind, item, receivedMs);
    if (!result.ok || isRetractedDraft(result.value))
      throw new Error(`not read: ${result.ok ? "gone" : result.error}`);
    expect(result.value.fields).toMatchObject({ type: "other", originalType: word });
  });

  it("that it says the same of the same item, and refuses a kind it does not have", () => {
    const { kind, item } = cases().unknownType;
    const once = provider.normalise(kind, item, receivedMs);
    expect(provider.normalise(kind, structuredClone(item), receivedMs)).toEqual(once);
    expect(provider.normalise("no such kind", item, receivedMs)).toEqual({
      ok: false,
      error: "unknown-kind",
    });
  });

  it("that it reads the slice that it keeps as it read the item, but for whose it is, or that it cannot", () => {
    const { kind, item } = cases().unknownType;
    const once = provider.normalise(kind, item, receivedMs);
    if (!once.ok || isRetractedDraft(once.value)) throw new Error("not read");
    const { raw, fields, person = null } = once.value;
    const isDropped = streams[provider.stream].raw === "dropped";
    expect(provider.again === undefined).toBe(provider.name === "files" || isDropped);
    const again = provider.again?.(raw.column, JSON.parse(raw.text), fields) ?? null;
    const nameless = person === null ? once.value : { ...once.value, person: null };
    if (again !== null)
      expect(provider.normalise(again.kind, again.body, receivedMs)).toEqual({
        ...{ ok: true, value: nameless },
      });
    expect(provider.again?.("no_such_column", {}, fields) ?? null).toBeNull();
  });

  it("what is measured between workouts, if it has any of that", () => {
    const { samples } = cases();
    expect(samples !== undefined).toBe(provider.samples !== undefined);
    if (samples === undefined) return;
    expect(samples.length).toBeGreaterThanOrEqual(1);
    expect(new Set(names(samples)).size).toBe(samples.length);
    for (const one of samples) {
      expect(one.comes, one.name).not.toEqual([]);
      expect(samplesOf(provider, one), one.name).toEqual(expectedSamples(one));
      const copy = { ...one, item: structuredClone(one.item) };
      expect(samplesOf(provider, copy), one.name).toEqual(expectedSamples(one));
    }
    expect(provider.samples?.read("no such kind", {}, receivedMs)).toEqual({
      ok: false,
      error: "unknown-kind",
    });
  });

  it("that no measurement throws, whatever stands in it", () => {
    for (const one of cases().samples ?? [])
      expect(readsAll(provider, one), one.name).toBeGreaterThan(0);
  });

  it("what is malformed, and why", () => {
    const { malformed } = cases();
    expect(malformed.length).toBeGreaterThanOrEqual(malformedMin);
    expect(
      malformed.some((one) => "body" in one),
      "a body",
    ).toBe(true);
    expect(
      malformed.some((one) => "item" in one),
      "an item",
    ).toBe(true);
    for (const one of malformed) expect(faultOf(provider, one), one.name).toBe(one.fault);
  });
}

/** What tests of sources of listens share: a draft read out, and what whatever comes must keep to. */
import fc from "fast-check";
import { expect } from "vitest";
import { listenSchema } from "../../../domain/listens/schema.ts";
import { type Draft, isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import { hostile, spoilt, written } from "../hostile.ts";

export const receivedMs = Date.UTC(2026, 10, 21);

export type Played = Extract<Draft, { fields: object }>;

export function playedOf(
  provider: Provider,
  kind: string,
  item: unknown,
  country: string | null = null,
): Played {
  const draft = provider.normalise(kind, item, receivedMs, { country });
  if (!draft.ok) throw new Error(draft.error);
  if (isRetractedDraft(draft.value)) throw new Error("a retraction");
  return draft.value;
}

/** As the door completes it. */
const completed = ({ sourceId, revision, fields }: Played) => ({
  ...fields,
  ...{ id: "id", member: "m", connection: "c", provider: "p", originId: "o" },
  ...{ sourceId, revision },
});

/** Nothing throws, and what is taken stands within the schema: it is never parked for a value. */
export function keepsToTheSchema(provider: Provider, kinds: Record<string, unknown>): void {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 600 }),
    fc.string({ unit: "grapheme", maxLength: 600 }),
    fc.constantFrom("\ud800", "\u001f", " ", "İ", "ﷺ".repeat(40), "ß", "\u0000"),
  );
  const odd = fc.oneof(fc.jsonValue(), text, fc.double(), fc.constantFrom(-0, 1e308, 2 ** 53));
  const items = Object.entries(kinds).map(([kind, item]) =>
    fc.tuple(fc.constant(kind), fc.oneof(spoilt(item), hostile, odd, changed(item, odd))),
  );
  fc.assert(
    fc.property(fc.oneof(...items), fc.string(), odd, ([kind, item], body, json) => {
      provider.parse(body);
      provider.parse(written(json));
      const draft = provider.normalise(kind, item, receivedMs, { country: null });
      if (!draft.ok || isRetractedDraft(draft.value)) return;
      const parsed = listenSchema.safeParse(completed(draft.value));
      expect(parsed.success ? null : parsed.error.issues).toBeNull();
      expect(draft.value.raw.text).toBe("null");
    }),
    { numRuns: 500 },
  );
}

/** With one of its values, however deep, another. */
function changed(item: unknown, odd: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (typeof item !== "object" || item === null) return odd;
  return fc
    .constantFrom(...Object.keys(item))
    .chain((name) =>
      fc
        .oneof(odd, changed((item as Record<string, unknown>)[name], odd))
        .map((value) => ({ ...item, [name]: value })),
    );
}

/** What a provider makes of a sale, held to the schema of sales; and what it makes of malice. */
import fc from "fast-check";
import { expect } from "vitest";
import { type SaleFact, saleSchema } from "../../domain/sales/schema.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { hostileValues, spoilt } from "./hostile.ts";

export const receivedMs = Date.UTC(2026, 10, 21);

/** The fact, with everything that the door adds to it; throws when there is none. */
export function soldBy(
  provider: Provider,
  kind: string,
  item: unknown,
): SaleFact & { readonly said: string; readonly raw: unknown; readonly named: string | null } {
  const draft = provider.normalise(kind, item, receivedMs);
  if (!draft.ok) throw new Error(draft.error);
  if (isRetractedDraft(draft.value)) throw new Error("retracted");
  const { sourceId, revision, fields, person = null, raw } = draft.value;
  const fact = saleSchema.parse({
    ...fields,
    ...{ id: "f", revision: revision ?? 0, member: "m", connection: "c", originId: "o" },
    ...{ provider: provider.name, person: person && "p" },
  });
  return { ...fact, said: sourceId, raw: JSON.parse(raw.text), named: person };
}

/** Kind, article, pieces, smallest units: a line each. */
export const linesOf = ({ lines }: Pick<SaleFact, "lines">) =>
  lines.map(({ kind, sku, quantity, amountMinor }) => [kind, sku, quantity, amountMinor] as const);

export const sumOf = ({ lines }: Pick<SaleFact, "lines">): number =>
  lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);

/**
 * Nothing throws, what is read fits the schema, and what is kept is read as the same again, but for
 * whose it is: that stands nowhere in it.
 */
export function bearsMalice(provider: Provider, kind: string, item: object): void {
  const check = (one: unknown) => {
    const draft = provider.normalise(kind, one, receivedMs);
    if (!draft.ok || isRetractedDraft(draft.value)) return;
    const { raw, fields, person = null } = draft.value;
    const again = provider.again?.(raw.column, JSON.parse(raw.text), fields) ?? null;
    expect(again).not.toBeNull();
    const read = provider.normalise(again?.kind ?? "", again?.body, receivedMs);
    const nameless = person === null ? draft.value : { ...draft.value, person: null };
    expect(read).toEqual({ ok: true, value: nameless });
  };
  for (const value of hostileValues) check(value);
  fc.assert(fc.property(spoilt(item), check), { numRuns: 300 });
}

/** As much of a `Said` as is told. */
export const saying = (headers: Readonly<Record<string, string>>) => ({
  header: (name: string) => headers[name] ?? null,
});

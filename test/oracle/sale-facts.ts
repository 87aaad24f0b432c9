/** Sales of one merchant, as their ledgers hold them. */
import type { ConnectionId, FactId, MemberId, OriginId } from "../../domain/identity.ts";
import type { OpenFact } from "../../domain/ports.ts";
import type { SaleFact, SaleLine } from "../../domain/sales/schema.ts";

export interface SaidSale extends Omit<Partial<SaleFact>, "id"> {
  readonly id: string;
}

export const item = (sku: string, quantity: number, amountMinor: number): SaleLine => ({
  ...{ kind: "item", sku, quantity, amountMinor },
});

/** What is not said: two mugs at one till on a Friday morning. */
export function sale({ id, ...said }: SaidSale): SaleFact {
  return {
    ...{ revision: 1, at: Date.UTC(2026, 2, 13, 9, 30), businessDay: "2026-03-13" },
    ...{ member: "mem_shop" as MemberId, connection: "con_till" as ConnectionId },
    ...{ provider: "poslog", originId: `origin_${id}` as OriginId },
    ...{ store: "9", region: null, currency: "EUR", lines: [item("mug", 2, 1990)] },
    ...{ references: [], cards: [], person: null },
    ...said,
    id: id as FactId,
  };
}

export const openSale = (said: SaidSale): OpenFact => sale(said) as unknown as OpenFact;

/**
 * One sale as its till, shop or gateway states it: whole, so that a refund or a cancellation is a
 * later revision of it. No card number is ever among its fields: what stands there is the vault's
 * token, and what of the number may be shown.
 */
import * as z from "zod";
import type { ConnectionId, FactId, MemberId, OriginId, PersonId } from "../identity.ts";
import type { Seal } from "../stream.ts";

const latestMs = 4_102_444_800_000; // 2100-01-01T00:00:00Z
/** In the currency's smallest unit: ten billion of its larger one. */
export const minorMax = 1_000_000_000_000;
export const quantityMax = 100_000_000;
export const linesMax = 2_000;
export const textMax = 200;

const integer = (min: number, max: number) => z.number().int().min(min).max(max);
const text = z.string().min(1).max(textMax);
const branded = <T extends string>() => z.string().min(1).max(128) as unknown as z.ZodType<T>;

/** A card as everybody but the vault knows it. */
export const cardRef = z.object({
  /** Null: its holder was forgotten. */
  token: z.string().max(64).nullable(),
  bin: z.string().regex(/^\d{6,8}$/),
  last4: z.string().regex(/^\d{4}$/),
  brand: z.string().max(32),
  /** Of its issuer, ISO 3166-1 alpha-2; ZZ: its BIN is in no table here. */
  country: z.string().regex(/^[A-Z]{2}$/),
});
export type CardRef = z.infer<typeof cardRef>;

/** What a line is of. Together they are what was paid. */
export const lineKinds = ["item", "shipping", "tax", "discount", "payment"] as const;

export const saleLine = z.object({
  kind: z.enum(lineKinds),
  sku: text.nullable(),
  /** Negative: it came back. */
  quantity: integer(-quantityMax, quantityMax),
  /** Of the whole line. */
  amountMinor: integer(-minorMax, minorMax),
});

export const saleSchema = z.object({
  id: branded<FactId>(),
  revision: integer(0, Number.MAX_SAFE_INTEGER),
  edition: integer(1, 1_000_000).optional(),
  at: integer(0, latestMs),
  /** The merchant. */
  member: branded<MemberId>(),
  connection: branded<ConnectionId>(),
  provider: z.string().max(64),
  originId: branded<OriginId>(),
  store: text,
  region: text.nullable(),
  /** The till's own, or the shop's local date: what books are closed by. */
  businessDay: z.iso.date(),
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/),
  lines: z.array(saleLine).max(linesMax),
  /** What a gateway's settlement file calls it; compared as text. */
  references: z.array(text).max(20),
  cards: z.array(cardRef).max(20),
  /** The digest of the customer, as their merchant's source names them; null: nobody is named. */
  person: branded<PersonId>().nullable().default(null),
  sourceId: z.string().optional(),
});

export type SaleFact = z.infer<typeof saleSchema>;
export type SaleLine = z.infer<typeof saleLine>;

export const saleSeal = { sourceId: "sealed", cards: "tokenised" } as const satisfies {
  [K in keyof SaleFact]?: Seal;
};

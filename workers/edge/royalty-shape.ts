/** A statement and its lines as they are shown: to whom a line belongs, and nobody else's. */
import * as z from "zod";
import { type RoyaltyLine, reasons } from "../../domain/royalties/statement.ts";
import { formatMoment } from "../../domain/time.ts";
import type { KeptStatement, OwnSums } from "./royalty-rows.ts";

const count = z.number().int();
export const minor = count.describe("In the currency's smallest unit.");
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "a month");
export const versionsMax = 1_000_000;

export const statementShape = z
  .object({
    period: z.string(),
    version: count.describe("countingRules × 1000 + payingRules"),
    countingRules: count.describe("Of the rules that listens were counted by."),
    payingRules: count.describe("Of the rules that they are paid by."),
    minimum: count.describe("A track's qualified listens within twelve months, from which on."),
    currency: z.string(),
    sha256: z.string().describe("Of the whole statement: the same one has the same."),
    made: z.string().describe("When it came out like this first."),
    listens: count.describe("Of the artists that the caller reads, as all that follows."),
    qualified: count,
    eligible: count,
    amountMinor: minor,
  })
  .meta({ id: "RoyaltyStatement" });

export const shownStatement = (
  { head, sha256, madeAtMs }: KeptStatement,
  own: OwnSums,
): z.output<typeof statementShape> => ({
  ...{ period: head.period, version: head.version, countingRules: head.countingRules },
  ...{ payingRules: head.payingRules, minimum: head.minimum, currency: head.currency },
  ...{ sha256, made: formatMoment(madeAtMs), ...own },
});

export const lineShape = z
  .object({
    artist: z.string().describe("As names are compared: lower case, blanks as one."),
    track: z.string(),
    territory: z.string().describe("ISO 3166-1 alpha-2; ZZ: nobody said."),
    listens: count,
    qualified: count,
    twelveMonths: count.describe("The track's qualified listens, this month and eleven before it."),
    eligible: z.boolean(),
    why: z.enum(reasons),
    amountMinor: minor,
  })
  .meta({ id: "RoyaltyLine" });

export const shownLine = (line: RoyaltyLine): z.output<typeof lineShape> => ({
  ...{ artist: line.artistKey, track: line.trackKey, territory: line.territory },
  ...{ listens: line.listens, qualified: line.qualified, twelveMonths: line.looked },
  ...{ eligible: line.eligible, why: line.why, amountMinor: line.amountMinor },
});

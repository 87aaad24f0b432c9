/**
 * A statement as a DDEX digital sales report, held against a list of cells that is written down here
 * once more. The profile's own schema judges it too, where it is at hand: `npm run corpus -- --dsr`.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type DsrMessage, dpid, dsr, dsrName } from "../../domain/royalties/dsr.ts";
import type { RoyaltyLine } from "../../domain/royalties/statement.ts";
import { type Cell, cellsOf, judgeDsr, type Profile } from "../corpus/dsr-judge.ts";

const forms = {
  ...{ s: "text", n: "integer", d: "decimal", b: "boolean", t: "dateTime", l: "duration" },
  y: "date",
} as const satisfies Readonly<Record<string, Cell["type"]>>;

/** "Name:form" must be there; with `?` it may be, with `*` any number of times. */
function list(type: string, names: string, patterns: Readonly<Record<string, RegExp>> = {}) {
  const cells = `RecordType:s ${names}`.split(/\s+/).map((word): Cell => {
    const [, name = "", form = "s", often = ""] = /^(\w+):(\w)([?*]?)$/.exec(word) ?? [];
    const pattern = name === "RecordType" ? new RegExp(`^${type}$`) : patterns[name];
    return {
      ...{ name, min: often === "" ? 1 : 0, max: often === "*" ? Number.POSITIVE_INFINITY : 1 },
      ...{ type: forms[form as keyof typeof forms], ...(pattern ? { pattern } : {}) },
    };
  });
  return [type, cells] as const;
}
const profile: Profile = {
  order: /^<HEAD>(<SY02\.02>)+(<AS02\.02>(<SU02>)+)+<FOOT>$/,
  records: new Map([
    list(
      "HEAD",
      `MessageVersion:s Profile:s ProfileVersion:s MessageId:s MessageCreatedDateTime:t FileNumber:n
       NumberOfFiles:n UsageStartDate:y UsageEndDate:y SenderPartyId:s SenderName:s
       ServiceDescription:s? RecipientPartyId:s? RecipientName:s? RepresentedRepertoire:s*`,
      { MessageVersion: /^dsrf\//, SenderPartyId: dpid, RecipientPartyId: dpid },
    ),
    list(
      "SY02.02",
      `SummaryRecordId:s DistributionChannel:s? DistributionChannelDPID:s? CommercialModel:s UseType:s
       Territory:s ServiceDescription:s Usages:n Users:n? CurrencyOfReporting:s NetRevenue:d
       RightsController:s? RightsControllerPartyId:s? AllocatedUsages:d* AllocatedRevenue:d*
       AllocatedNetRevenue:d? RightsType:s? ContentCategory:s CurrencyOfTransaction:s?
       ExchangeRate:d? RightsTypePercentage:d?`,
      { Territory: /^([A-Z]{2}|Worldwide)$/, CurrencyOfReporting: /^[A-Z]{3}$/ },
    ),
    list(
      "AS02.02",
      `BlockId:s ResourceReference:s DspResourceId:s ISRC:s* Title:s SubTitle:s? DisplayArtistName:s
       DisplayArtistPartyId:s? Duration:l? ResourceType:s ISWC:s? ComposerAuthor:s*
       ComposerAuthorPartyId:s* Arranger:s* ArrangerPartyId:s* MusicPublisher:s*
       MusicPublisherPartyId:s* WorkContributor:s* WorkContributorPartyId:s* ProprietaryWorkId:s?
       IsMasterRecording:b?`,
    ),
    list(
      "SU02",
      `BlockId:s SummaryRecordId:s SalesTransactionId:s TransactedRelease:s? TransactedResource:s?
       IsRoyaltyBearing:b? NumberOfStreams:n PriceConsumerPaidExcSalesTax:d? PromotionalActivity:s?`,
    ),
    list(
      "FOOT",
      `NumberOfLinesInFile:n NumberOfLinesInReport:n? NumberOfSummaryRecords:n
       NumberOfBlocksInFile:n NumberOfBlocksInReport:n?`,
    ),
  ]),
};

const line = (artistKey: string, trackKey: string, territory: string, n: number): RoyaltyLine => ({
  ...{ artistKey, trackKey, territory, listens: n + 1, qualified: n, looked: n },
  ...{ eligible: n > 0, why: n > 0 ? "paid" : "none-qualified", amountMinor: n * 3 },
});
const lines = [
  line("a", "x", "DE", 5),
  line("a", "x", "NL", 7),
  line("a", "y", "NL", 0),
  line("b", "x", "ZZ", 1),
];
const message = (over: Partial<DsrMessage> = {}): DsrMessage => ({
  ...{
    messageId: "2026-03.1001.abc",
    createdAtMs: Date.UTC(2026, 3, 2, 3, 4, 5, 678),
    period: "2026-03",
  },
  sender: { id: "PADPIDA2026000001A", name: "A service" },
  recipient: { id: "PADPIDA2026000002B", name: "A label" },
  ...{ currency: "EUR", lines },
  ...over,
});
const recordsOf = (text: string, type: string) =>
  text
    .split("\n")
    .filter((one) => one.startsWith(`${type}\t`))
    .map((one) => cellsOf(one).map((cell) => cell.join("|")));

describe("a digital sales report", () => {
  it("has the cells of its profile, in their order, and counts itself", () => {
    const text = dsr(message());
    expect(judgeDsr(text, profile)).toEqual({ lines: 12, foreign: [], faults: [] });
    expect(text.split("\n").at(-2)).toBe("FOOT\t12\t12\t3\t3\t3");
    expect(recordsOf(text, "HEAD")[0]?.slice(5, 10)).toEqual([
      ...["2026-04-02T03:04:05Z", "1", "1", "2026-03-01", "2026-03-31"],
    ]);
  });

  it("sums up by territory what was heard and what is paid, and names no country for nobody's", () => {
    const sums = recordsOf(dsr(message()), "SY02.02");
    expect(sums.map((cells) => [6, 8, 14, 10, 11, 15].map((i) => cells[i]))).toEqual([
      ["DE", "5", "5", "EUR", "0.15", "0.15"],
      ["NL", "7", "7", "EUR", "0.21", "0.21"],
      ["Worldwide", "1", "1", "EUR", "0.03", "0.03"],
    ]);
  });

  it("has one block a track, and says of each usage whether it bears a royalty", () => {
    const text = dsr(message());
    expect(recordsOf(text, "AS02.02").map((cells) => [cells[1], cells[3]])).toEqual([
      ["1", "a/x"],
      ["2", "a/y"],
      ["3", "b/x"],
    ]);
    expect(recordsOf(text, "SU02").map((cells) => [1, 2, 3, 6, 7].map((i) => cells[i]))).toEqual([
      ["1", "1", "1.1", "true", "5"],
      ["1", "2", "1.2", "true", "7"],
      ["2", "2", "2.1", "false", "0"],
      ["3", "3", "3.1", "true", "1"],
    ]);
  });

  test("brings back every name that it was given, whatever is in it", () => {
    const names = fc.string({ unit: fc.constantFrom("a", "é", "|", "\\", "#", "/", "%", " b") });
    fc.assert(
      fc.property(names, names, (artist, track) => {
        const text = dsr(message({ lines: [line(`${artist}.`, `${track}.`, "NL", 2)] }));
        expect(judgeDsr(text, profile).faults).toEqual([]);
        const [cells = []] = recordsOf(text, "AS02.02");
        expect([cells[7], cells[5]]).toEqual([`${artist}.`, `${track}.`]);
      }),
    );
  });

  test("never gives two tracks one identifier", () => {
    const names = fc.string({ unit: fc.constantFrom("a", "/", "%", "002f", "|", "\\") });
    fc.assert(
      fc.property(names, names, names, names, (a, x, b, y) => {
        fc.pre(a !== b || x !== y);
        const text = dsr(message({ lines: [line(a, x, "NL", 2), line(b, y, "NL", 2)] }));
        const [one, other] = recordsOf(text, "AS02.02");
        expect(one?.[3]).not.toBe(other?.[3]);
      }),
    );
  });

  it("is named as its standard says", () => {
    expect(dsrName(message())).toBe(
      "DSR_PADPIDA2026000002B_PADPIDA2026000001A_Singlet_2026-03_Worldwide_1of1_20260402T030405.tsv",
    );
    expect(dsrName(message({ recipient: null, lines: [line("a", "x", "NL", 1)] }))).toBe(
      "DSR__PADPIDA2026000001A_Singlet_2026-03_NL_1of1_20260402T030405.tsv",
    );
  });
});

describe("the judge of such files", () => {
  it.each([
    ["a cell that is missing", (text: string) => text.replace("\tSoundRecording", "\t")],
    ["a cell too many", (text: string) => text.replace(/(AS02.*)/, "$1\tx")],
    ["a number that is none", (text: string) => text.replace("\ttrue\t5", "\ttrue\tfive")],
    ["two where one belongs", (text: string) => text.replace("\tNL\t", "\tNL|BE\t")],
    ["a footer that counts wrong", (text: string) => text.replace("FOOT\t12", "FOOT\t13")],
    ["a block that is torn", (text: string) => text.replace("SU02\t2\t", "SU02\t1\t")],
    ["a summary that is not there", (text: string) => text.replace("SU02\t1\t1\t", "SU02\t1\t9\t")],
    ["a usage before its resource", (text: string) => text.replace(/(AS02.*\n)(SU02.*\n)/, "$2$1")],
  ])("sees %s", (_, spoil) => {
    const text = dsr(message());
    const spoilt = spoil(text);
    expect(spoilt).not.toBe(text);
    expect(judgeDsr(spoilt, profile).faults.length).toBeGreaterThan(0);
  });
});

/**
 * A statement's lines as a DDEX digital sales report: the Basic Audio Profile 1.2, whose cells are
 * named here in their order (BasicAudioProfile-1.2.xsd; part 1 for delimiters and file names, part 8
 * for records, read 2026-11-22). One file a message, one block a track; what was paid is summed up by
 * territory, because a usage record of this profile has no cell for it.
 */
import { daysOfPeriod, formatMoment, type Instant, type Period } from "../time.ts";
import { decimalOf } from "./currencies.ts";
import type { RoyaltyLine } from "./statement.ts";

export interface DsrParty {
  /** A DDEX party id (DPID): `dpid`. */
  readonly id: string;
  readonly name: string;
}
export interface DsrMessage {
  /** Never the same for two messages of one sender. */
  readonly messageId: string;
  readonly createdAtMs: Instant;
  /** A month. */
  readonly period: Period;
  readonly sender: DsrParty;
  /** Null: not for one party alone. */
  readonly recipient: DsrParty | null;
  readonly currency: string;
  /** One at least; those of a track next to each other. */
  readonly lines: readonly RoyaltyLine[];
}

export const dpid = /^PADPIDA[a-zA-Z0-9]{1,32}$/;

const cells = {
  HEAD: `RecordType MessageVersion Profile ProfileVersion MessageId MessageCreatedDateTime FileNumber
    NumberOfFiles UsageStartDate UsageEndDate SenderPartyId SenderName ServiceDescription
    RecipientPartyId RecipientName RepresentedRepertoire`,
  "SY02.02": `RecordType SummaryRecordId DistributionChannel DistributionChannelDPID CommercialModel
    UseType Territory ServiceDescription Usages Users CurrencyOfReporting NetRevenue
    RightsController RightsControllerPartyId AllocatedUsages AllocatedRevenue AllocatedNetRevenue
    RightsType ContentCategory CurrencyOfTransaction ExchangeRate RightsTypePercentage`,
  "AS02.02": `RecordType BlockId ResourceReference DspResourceId ISRC Title SubTitle
    DisplayArtistName DisplayArtistPartyId Duration ResourceType ISWC ComposerAuthor
    ComposerAuthorPartyId Arranger ArrangerPartyId MusicPublisher MusicPublisherPartyId
    WorkContributor WorkContributorPartyId ProprietaryWorkId IsMasterRecording`,
  SU02: `RecordType BlockId SummaryRecordId SalesTransactionId TransactedRelease TransactedResource
    IsRoyaltyBearing NumberOfStreams PriceConsumerPaidExcSalesTax PromotionalActivity`,
  FOOT: `RecordType NumberOfLinesInFile NumberOfLinesInReport NumberOfSummaryRecords
    NumberOfBlocksInFile NumberOfBlocksInReport`,
} as const;

const messageVersion = "dsrf/1.1.2/6/1.0";
/** Without blanks and underscores. */
const service = "Singlet";
const commercial = {
  ...{ CommercialModel: "SubscriptionModel", UseType: "OnDemandStream" },
  ...{ ServiceDescription: service, ContentCategory: "Music" },
};
const onlyResource = "1";

/** No two-letter code is free for "nobody said". */
const territoryOf = (code: string): string => (code === "ZZ" ? "Worldwide" : code);

/** Part 1, 6.6.4: one backslash before a tab, two before a pipe, three for a backslash. */
const escaped = (text: string): string =>
  text
    .replaceAll("\\", "\\\\\\")
    .replaceAll("|", "\\\\|")
    .replaceAll("\t", "\\\t")
    .replaceAll(/[\r\n]+/g, " ");

function record(type: keyof typeof cells, said: Readonly<Record<string, string | number>>): string {
  const values: Readonly<Record<string, string | number>> = { ...said, RecordType: type };
  const names = cells[type].split(/\s+/);
  return names.map((name) => escaped(String(values[name] ?? ""))).join("\t");
}

/** Two tracks never share one: what would part or escape stands as its code. */
const resourceId = ({ artistKey, trackKey }: RoyaltyLine): string =>
  [artistKey, trackKey]
    .map((name) =>
      name.replaceAll(
        /[%/|\\\p{Cc}\p{Cs}]/gu,
        (c) => `%${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
    )
    .join("/");

/** Lines of one track next to each other, in their order. */
function blocksOf(lines: readonly RoyaltyLine[]): [RoyaltyLine, ...RoyaltyLine[]][] {
  const blocks: [RoyaltyLine, ...RoyaltyLine[]][] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    if (last?.[0].artistKey === line.artistKey && last[0].trackKey === line.trackKey)
      last.push(line);
    else blocks.push([line]);
  }
  return blocks;
}

const sumOf = (lines: readonly RoyaltyLine[], of: (line: RoyaltyLine) => number): number =>
  lines.reduce((all, line) => all + of(line), 0);

export function dsr(message: DsrMessage): string {
  const { currency, lines } = message;
  const territories = [...new Set(lines.map((line) => territoryOf(line.territory)))].sort();
  const summaries = territories.map((territory, i) =>
    summary(
      i + 1,
      territory,
      currency,
      lines.filter((line) => territoryOf(line.territory) === territory),
    ),
  );
  const summaryOf = new Map(territories.map((territory, i) => [territory, i + 1]));
  const blocks = blocksOf(lines);
  const body = blocks.flatMap((block, i) => blockRecords(i + 1, block, summaryOf));
  const count = 2 + summaries.length + body.length;
  const foot = record("FOOT", {
    ...{ NumberOfLinesInFile: count, NumberOfLinesInReport: count },
    NumberOfSummaryRecords: summaries.length,
    ...{ NumberOfBlocksInFile: blocks.length, NumberOfBlocksInReport: blocks.length },
  });
  return `${[head(message), ...summaries, ...body, foot].join("\n")}\n`;
}

function head({ messageId, createdAtMs, period, sender, recipient }: DsrMessage): string {
  const { from, to } = daysOfPeriod(period);
  return record("HEAD", {
    ...{ MessageVersion: messageVersion, Profile: "BasicAudioProfile", ProfileVersion: "1.2" },
    ...{ MessageId: messageId, MessageCreatedDateTime: secondOf(createdAtMs) },
    ...{ FileNumber: 1, NumberOfFiles: 1, UsageStartDate: from, UsageEndDate: to },
    ...{ SenderPartyId: sender.id, SenderName: sender.name, ServiceDescription: service },
    ...{ RecipientPartyId: recipient?.id ?? "", RecipientName: recipient?.name ?? "" },
  });
}

const secondOf = (atMs: Instant): string => formatMoment(atMs).replace(/\.\d+Z$/, "Z");

/** What this territory's listens brought, which is what is allocated to whom the report is for. */
function summary(
  id: number,
  territory: string,
  currency: string,
  lines: readonly RoyaltyLine[],
): string {
  const amount = decimalOf(
    sumOf(lines, (line) => line.amountMinor),
    currency,
  );
  return record("SY02.02", {
    ...commercial,
    ...{ SummaryRecordId: id, Territory: territory, CurrencyOfReporting: currency },
    Usages: sumOf(lines, (line) => line.qualified),
    AllocatedUsages: sumOf(lines, (line) => (line.eligible ? line.qualified : 0)),
    ...{ NetRevenue: amount, AllocatedRevenue: amount },
  });
}

function blockRecords(
  block: number,
  lines: readonly [RoyaltyLine, ...RoyaltyLine[]],
  summaryOf: ReadonlyMap<string, number>,
): string[] {
  const [first] = lines;
  const resource = record("AS02.02", {
    ...{ BlockId: block, ResourceReference: onlyResource, DspResourceId: resourceId(first) },
    ...{ Title: first.trackKey, DisplayArtistName: first.artistKey },
    ResourceType: "SoundRecording",
  });
  const usages = lines.map((line, i) =>
    record("SU02", {
      BlockId: block,
      SummaryRecordId: summaryOf.get(territoryOf(line.territory)) ?? "",
      ...{ SalesTransactionId: `${block}.${i + 1}`, TransactedResource: onlyResource },
      IsRoyaltyBearing: String(line.eligible),
      NumberOfStreams: line.qualified,
    }),
  );
  return [resource, ...usages];
}

/** Part 1, 8.1. */
export function dsrName({ createdAtMs, period, sender, recipient, lines }: DsrMessage): string {
  const [territory = "", ...more] = new Set(lines.map((line) => territoryOf(line.territory)));
  const created = secondOf(createdAtMs).replaceAll(/[-:Z]/g, "");
  const where = more.length === 0 ? territory : "Worldwide";
  const parts = [recipient?.id ?? "", sender.id, service, period, where, "1of1", created];
  return `DSR_${parts.join("_")}.tsv`;
}

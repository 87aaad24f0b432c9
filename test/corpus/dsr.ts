/**
 * DDEX flat files against the profile's own schema, read where it is: what our writer makes must
 * have no fault, and of the recorded samples it is known what they are.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DsrMessage, dsr } from "../../domain/royalties/dsr.ts";
import { royaltyRules } from "../../domain/royalties/rules.ts";
import { royalty, trackOf } from "../../domain/royalties/statement.ts";
import { totalKey } from "../../domain/total-key.ts";
import { table } from "../../local/table.ts";
import { type Judgement, judgeDsr } from "./dsr-judge.ts";
import { readProfile } from "./dsr-xsd.ts";

const schema = "BasicAudioProfile-1.2.xsd";

const territories = ["NL", "DE", "ZZ", "US"];
const names = ["plain", "a|b", "back\\slash", "#hash", "été", 'quo"te', "/%|\\", "日本語"];

/** A month of so many tracks, about half of them with too few listens to be paid. */
function report(tracks: number, over: Partial<DsrMessage> = {}): string {
  const month = Array.from({ length: tracks }, (_, n) =>
    territories.slice(0, 1 + (n % territories.length)).map((territory, i) => ({
      key: totalKey([
        names[n % names.length] ?? "",
        `${names[(n * 3) % names.length]} ${n}`,
        territory,
      ]),
      ...{ listens: 900 + i, qualified: n % 7 === 0 ? 0 : 200 + n * i },
    })),
  ).flat();
  const looked = new Map<string, number>();
  for (const { key, qualified } of month)
    looked.set(trackOf(key), (looked.get(trackOf(key)) ?? 0) + qualified);
  const totals = { period: "2026-03", rules: 1, month, looked };
  const { lines, currency, period } = royalty(totals, royaltyRules, {
    ...{ currency: "EUR", amountMinor: 123_457 },
  });
  return dsr({
    ...{ messageId: "2026-03.1001.0", createdAtMs: Date.UTC(2026, 3, 2), period, currency, lines },
    sender: { id: "PADPIDA2026000001A", name: "A service" },
    recipient: { id: "PADPIDA2026000002B", name: "A label | its heirs" },
    ...over,
  });
}
const ours: Readonly<Record<string, () => string>> = {
  "ours, one track": () => report(1),
  "ours, 500 tracks": () => report(500),
  "ours, to nobody in particular": () => report(20, { recipient: null }),
  "ours, in yen": () => report(20, { currency: "JPY" }),
};

const verdictOn = ({ foreign, faults }: Judgement): string =>
  [
    ...(foreign.length > 0 ? [`not of the profile: ${foreign.join(" ")}`] : []),
    ...new Set(faults),
  ].join("; ") || "right";

const absent = (type: string, ...names: readonly string[]) =>
  names.map((name) => `${type}.${name}: absent`).join("; ");
const ofRelease = absent("RE01", "DisplayArtistName", "Title");
const ofHead = absent(
  "HEAD",
  ...[
    "FileNumber",
    "NumberOfFiles",
    "UsageStartDate",
    "UsageEndDate",
    "SenderPartyId",
    "SenderName",
  ],
);
const ofFoot = absent("FOOT", "NumberOfSummaryRecords", "NumberOfBlocksInFile");
const early = "not of the profile: SY03 AS02; HEAD.MessageVersion: ID1";
const stub = `${early}; ${absent("HEAD", "MessageId", "MessageCreatedDateTime")}; ${ofHead}; ${ofRelease}; ${ofFoot}; FOOT.NumberOfLinesInFile: 123, not 7`;
const later = "not of the profile: SY02.01 AS01 RU01 SU03.01 LI01.01";
const recipient = "DSR_PADPIDA2014999999Z_PADPIDA2014111801Y_AdSupport_2015-02_AU";
const quarter = "YouTube_AdSupport-music_2015-Q4_IS_1of1_20160121T150926.tsv";
/** Of other profiles, and partly cut short: what our judge sees of them. Of others it is only said. */
const expected: Readonly<Record<string, string>> = {
  [`${recipient}_1of1_20140617T092522.tsv`]: `${early}; HEAD.MessageCreatedDateTime: 2; ${ofHead}; ${ofRelease}; ${ofFoot}; FOOT.NumberOfLinesInFile: 123, not 7`,
  [`${recipient}_1of1_20150723T092522.tsv`]: stub,
  [`${recipient}_1of2_20150723T092522.tsv`]: stub,
  [`${recipient}_2of2_20150723T092522.tsv`]: stub,
  [`DSR_TEST2_${quarter}`]: `${later}; FOOT.NumberOfLinesInFile: 35, not 34; FOOT.NumberOfLinesInReport: 35, not 34`,
  [`DSR_TEST_${quarter}`]: later,
  "test_file_parser.tsv": `not of the profile: FHEA SY03 AS02 FFOO; ${ofRelease}; no footer at the end`,
};

/** Prints a table of verdicts; the exit code. */
export function runDsr(folder: string): number {
  const profile = readProfile(readFileSync(join(folder, schema), "utf8"), "BasicAudioProfile");
  const samples = readdirSync(folder).filter((file) => file.endsWith(".tsv"));
  const written = Object.entries(ours).map(
    ([name, write]) => [name, judgeDsr(write(), profile), "right"] as const,
  );
  const read = samples.map((file) => {
    const judged = judgeDsr(readFileSync(join(folder, file), "utf8"), profile);
    return [file, judged, expected[file] ?? null] as const;
  });
  const rows = [...written, ...read].map(([name, judged, expects]) => {
    const verdict = verdictOn(judged);
    return [name, String(judged.lines), verdict, expects ?? verdict] as const;
  });
  const wrong = rows.filter(([, , verdict, expects]) => verdict !== expects);
  process.stdout.write(`${table(["file", "lines", "verdict", "expected"], rows)}\n`);
  const figures = {
    records: profile.records.size,
    files: rows.length,
    right: rows.length - wrong.length,
  };
  process.stdout.write(`RESULT ${JSON.stringify(figures)}\n`);
  return wrong.length === 0 ? 0 : 1;
}

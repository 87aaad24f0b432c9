/**
 * XML by the grammars of GPX, TCX and POSLog: elements where they may stand, with text that fits,
 * and now and then anything XML knows: entities, documents within, namespaces, other encodings,
 * names that are none, elements in elements far too deep.
 */
import type { Chance } from "../oracle/chance.ts";
import { wildText } from "./values.ts";

type Text = "time" | "number" | "word" | "day" | "money" | "place" | "odd";
interface Element {
  readonly name: string;
  /** What may stand in it, and how many of each. */
  readonly holds?: readonly (readonly [element: () => Element, least: number, most: number])[];
  readonly text?: Text;
  readonly attributes?: readonly (readonly [name: string, text: Text])[];
}

const leaf =
  (name: string, text: Text): (() => Element) =>
  () => ({ name, text });
const of =
  (name: string, ...holds: NonNullable<Element["holds"]>): (() => Element) =>
  () => ({ name, holds });
const value = (name: string) => of(name, [leaf("Value", "number"), 1, 1]);

const trkpt = (): Element => ({
  name: "trkpt",
  attributes: [
    ["lat", "place"],
    ["lon", "place"],
  ],
  holds: [
    [leaf("ele", "number"), 0, 1],
    [leaf("time", "time"), 0, 2],
    [of("extensions", [of("TrackPointExtension", [leaf("hr", "number"), 0, 2]), 0, 1]), 0, 1],
  ],
});
const gpx = (): Element => ({
  name: "gpx",
  attributes: [["creator", "word"]],
  holds: [
    [of("metadata", [leaf("time", "time"), 0, 1]), 0, 1],
    [leaf("wpt", "odd"), 0, 1],
    [
      of(
        "trk",
        ...([
          [leaf("name", "word"), 0, 1],
          [leaf("desc", "odd"), 0, 1],
          [leaf("type", "word"), 0, 1],
          [of("trkseg", [trkpt, 0, 12]), 0, 3],
        ] as const),
      ),
      0,
      3,
    ],
  ],
});

const trackpoint = of(
  "Trackpoint",
  [leaf("Time", "time"), 0, 1],
  [
    of(
      "Position",
      [leaf("LatitudeDegrees", "place"), 0, 1],
      [leaf("LongitudeDegrees", "place"), 0, 1],
    ),
    0,
    1,
  ],
  [leaf("AltitudeMeters", "number"), 0, 1],
  [leaf("DistanceMeters", "number"), 0, 1],
  [value("HeartRateBpm"), 0, 1],
);
const lap = (): Element => ({
  name: "Lap",
  attributes: [["StartTime", "time"]],
  holds: [
    [leaf("TotalTimeSeconds", "number"), 0, 2],
    [leaf("DistanceMeters", "number"), 0, 1],
    [leaf("Calories", "number"), 0, 1],
    [value("AverageHeartRateBpm"), 0, 1],
    [of("Track", [trackpoint, 0, 10]), 0, 2],
  ],
});
const tcx = of(
  "TrainingCenterDatabase",
  [
    of("Activities", [
      () => ({
        name: "Activity",
        attributes: [["Sport", "word"]],
        holds: [
          [leaf("Id", "time"), 0, 1],
          [lap, 0, 3],
          [leaf("Notes", "odd"), 0, 1],
          [of("Creator", [leaf("Name", "word"), 0, 1], [leaf("UnitId", "number"), 0, 1]), 0, 1],
        ],
      }),
      0,
      2,
    ]),
    0,
    2,
  ],
  [leaf("Author", "odd"), 0, 1],
);

const money = (name: string) => leaf(name, "money");
const line = of(
  "LineItem",
  [leaf("SequenceNumber", "number"), 0, 1],
  [
    of(
      "Sale",
      [leaf("ItemID", "word"), 0, 1],
      [money("ExtendedAmount"), 0, 1],
      [leaf("Quantity", "number"), 0, 2],
    ),
    0,
    1,
  ],
  [of("Return", [leaf("ItemID", "word"), 0, 1], [money("ExtendedAmount"), 0, 1]), 0, 1],
  [of("Discount", [money("Amount"), 0, 1]), 0, 1],
  [of("Tax", [money("Amount"), 0, 1]), 0, 1],
  [of("Tender", [money("Amount"), 0, 1], [leaf("CreditDebit", "word"), 0, 1]), 0, 1],
);
const poslog = of("POSLog", [
  of(
    "Transaction",
    [leaf("RetailStoreID", "word"), 1, 1],
    [leaf("WorkstationID", "number"), 1, 1],
    [leaf("SequenceNumber", "number"), 1, 1],
    [leaf("BusinessDayDate", "day"), 1, 1],
    [leaf("BeginDateTime", "time"), 0, 1],
    [leaf("EndDateTime", "time"), 1, 1],
    [leaf("CurrencyCode", "word"), 1, 1],
    [of("RetailTransaction", [line, 0, 5], [leaf("Total", "money"), 0, 1]), 0, 1],
  ),
  0,
  4,
]);

export const documents = { gpx, tcx, poslog };
export type Document = keyof typeof documents;

/** How careful the writer of one document is. */
interface Care {
  /** In so many of a hundred places something other than the grammar's own stands. */
  readonly oddIn100: number;
  /** So many of a hundred texts are what one expects. */
  readonly rightIn100: number;
}
const cares: readonly Care[] = [
  { oddIn100: 0, rightIn100: 100 },
  { oddIn100: 0, rightIn100: 97 },
  { oddIn100: 0, rightIn100: 60 },
  { oddIn100: 3, rightIn100: 60 },
];
const deepest = 3_000;

function textBy(chance: Chance, kind: Text, { oddIn100, rightIn100 }: Care): string {
  if (kind === "odd" || chance.in100(oddIn100)) return oddText(chance);
  const seconds = chance.whole(0, 7_200);
  const moment = new Date(Date.UTC(2026, 9, 14, 6) + seconds * 1000).toISOString();
  const plain = moment.slice(0, 19);
  const texts: Record<typeof kind, readonly [string, ...string[]]> = {
    time: [moment, plain, `${plain}+02:00`, "0", ""],
    day: [moment.slice(0, 10), "2026-02-30", "0000-00-00"],
    number: [String(seconds), "-1", "1e308", "0", "NaN", "Infinity", "9".repeat(400)],
    money: ["13.90", "-13.90", "0", "1.005", "1e9", "", "1,5", "9".repeat(30)],
    place: [`${52 + seconds / 1e5}`, "91", "-180.1", "", "1e400"],
    word: ["EUR", "Biking", "Dam", "", "ride-1", "Morning ride"],
  };
  return chance.in100(rightIn100) ? texts[kind][0] : chance.pick(texts[kind]);
}

const oddText = (chance: Chance): string =>
  chance.pick([
    ...[
      "&amp;",
      "&#x0;",
      "&#1114112;",
      "&undefined;",
      "&lol;",
      "&",
      "<![CDATA[ ]] ]]>",
      "<!-- -- -->",
    ],
    ...["<?x y?>", "<a>".repeat(chance.whole(1, 80)), "]]>", "\0", "<!DOCTYPE a>", "</x>"],
    wildText(chance, "Quastenflosser", []).replaceAll("<", "&lt;"),
  ]);

function written(
  chance: Chance,
  care: Care,
  { name, holds = [], text, attributes = [] }: Element,
): string {
  const isOdd = chance.in100(care.oddIn100);
  const called = isOdd ? chance.pick([`ns3:${name}`, name.toLowerCase(), `${name} `, "1a"]) : name;
  const said = attributes.map(([key, kind]) => ` ${key}="${textBy(chance, kind, care)}"`).join("");
  const inner = holds.flatMap(([element, least, most]) =>
    Array.from({ length: chance.whole(least, most) }, () => written(chance, care, element())),
  );
  const body = inner.join("") + (text === undefined ? "" : textBy(chance, text, care));
  const end = care.oddIn100 > 0 && chance.in100(1) ? "" : `</${called}>`;
  return body === "" && chance.in100(50)
    ? `<${called}${said}/>`
    : `<${called}${said}>${body}${end}`;
}

const heads = [
  ...["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\n', "\ufeff"],
  '<?xml version="1.0" encoding="ISO-8859-1"?>',
  '<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>',
  '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
];

export function xmlBy(chance: Chance, document: Document): Uint8Array {
  const care = chance.pick(cares);
  const body = written(chance, care, documents[document]());
  const depth = chance.in100(1) ? chance.whole(10, deepest) : 0;
  const deep = "<a>".repeat(depth) + body + "</a>".repeat(depth);
  const isPlain = care.oddIn100 === 0;
  const text = chance.pick(isPlain ? heads.slice(0, 4) : heads) + (chance.in100(50) ? deep : body);
  return chance.in100(4) ? Buffer.from(`\ufeff${text}`, "utf16le") : new TextEncoder().encode(text);
}

/**
 * What Google Health has to show. The keys are made here, published in Tink's form, and every
 * signature is framed here as Tink frames one: 0x01, the key's id, the signature in DER.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const [current, former] = ["Bearer current-value", "Bearer former-value"];
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const [first, second, stranger] = [newKey(), newKey(), newKey()];
const [firstId, secondId, disabledId] = [0x5e_ed_0a_01, 0xfe_ed_0b_02, 0x0d_0d_0c_03];

/** EcdsaPublicKey: 2 params { hash SHA256, curve P256, encoding DER }, 3 x, 4 y. */
function published(key: KeyObject, keyId: number, status = "ENABLED") {
  const { x = "", y = "" } = createPublicKey(key.export({ type: "spki", format: "pem" })).export({
    format: "jwk",
  });
  const coordinate = (field: number, text: string) => [
    (field << 3) | 2,
    33,
    0,
    ...Buffer.from(text, "base64url"),
  ];
  const message = [0x12, 6, 8, 3, 0x10, 2, 0x18, 2, ...coordinate(3, x), ...coordinate(4, y)];
  return {
    keyId,
    status,
    outputPrefixType: "TINK",
    keyData: {
      typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
      value: Buffer.from(message).toString("base64"),
      keyMaterialType: "ASYMMETRIC_PUBLIC",
    },
  };
}

const notice = (over: object = {}) =>
  JSON.stringify({
    data: {
      version: "1",
      healthUserId: "health-user-1",
      operation: "UPSERT",
      dataType: "exercise",
      intervals: [
        {
          physicalTimeInterval: {
            startTime: "2026-11-14T07:00:00Z",
            endTime: "2026-11-14T08:00:00Z",
          },
        },
      ],
      ...over,
    },
  });
const body = notice();

const frame = (der: Buffer, keyId: number, version = 1): Buffer => {
  const head = Buffer.alloc(5, version);
  head.writeUInt32BE(keyId, 1);
  return Buffer.concat([head, der]);
};
const derOf = (key: KeyObject, signed: string) => sign("sha256", Buffer.from(signed), key);
const signature = (key: KeyObject, keyId: number, signed = body) =>
  frame(derOf(key, signed), keyId).toString("base64");
const good = signature(first.privateKey, firstId);

const delivered = (
  name: string,
  said: string,
  authorization: string | null = current,
  over: Partial<SignedCase> = {},
): SignedCase => ({
  name,
  headers: {
    ...(authorization === null ? {} : { authorization }),
    "google-health-api-signature": said,
  },
  body,
  nowMs,
  ...over,
});

const p1363 = frame(
  sign("sha256", Buffer.from(body), { key: first.privateKey, dsaEncoding: "ieee-p1363" }),
  firstId,
).toString("base64");
const greeting = '{"type":"verification"}';
const greeted = { method: "POST", body: greeting, nowMs } as const;

const interval = { startTime: "2026-11-14T07:00:00Z", endTime: "2026-11-14T08:00:30.250Z" };
const point = (over: object = {}, exerciseType = "RUNNING") => ({
  name: "users/health-user-1/dataTypes/exercise/dataPoints/30001",
  exercise: {
    exerciseType,
    interval: { ...interval, ...over },
    updateTime: "2026-11-14T08:05:00Z",
  },
});
const elapsedMs = 3_630_250;

export const cases: ProviderCases = {
  secrets: { authorization: [current, { kid: "former", secret: former }] },
  publishedKeys: JSON.stringify({
    primaryKeyId: secondId,
    key: [
      published(first.publicKey, firstId),
      published(second.publicKey, secondId),
      published(stranger.publicKey, disabledId, "DISABLED"),
    ],
  }),
  signatures: {
    genuine: [
      delivered("with the value of today", good),
      delivered("with the value of before", good, former),
      delivered("by the other published key", signature(second.privateKey, secondId)),
      delivered("under the header's other name", "", current, {
        headers: { authorization: current, "x-healthapi-signature": good },
      }),
      delivered("with one bad signature beside a good one", "", current, {
        headers: {
          authorization: current,
          "google-health-api-signature": signature(stranger.privateKey, firstId),
          "x-healthapi-signature": good,
        },
      }),
      delivered(
        "of a notice of nothing",
        signature(first.privateKey, firstId, notice({ dataType: "steps" })),
        former,
        { body: notice({ dataType: "steps" }) },
      ),
    ],
    forged: [
      delivered("without the agreed value", good, null),
      delivered("with another value", good, "Bearer guessed"),
      delivered("with the value without its first word", good, "current-value"),
      delivered("without a signature", "", current, { headers: { authorization: current } }),
      delivered("with an empty signature", ""),
      delivered("by a stranger's key", signature(stranger.privateKey, firstId)),
      delivered("by the other key's name", signature(first.privateKey, secondId)),
      delivered("by a key that is not published", signature(stranger.privateKey, 77)),
      delivered("by a key that was switched off", signature(stranger.privateKey, disabledId)),
      delivered("of a body with one byte changed", good, current, {
        body: body.replace("UPSERT", "UPSERt"),
      }),
      delivered("of a body with a blank more", good, current, { body: `${body} ` }),
      delivered(
        "in another frame",
        frame(derOf(first.privateKey, body), firstId, 0).toString("base64"),
      ),
      delivered("without its frame", derOf(first.privateKey, body).toString("base64")),
      delivered("in hex", Buffer.from(good, "base64").toString("hex")),
      delivered("as two bare numbers", p1363),
      delivered(
        "with bytes behind it",
        `${Buffer.concat([Buffer.from(good, "base64"), Buffer.alloc(3)]).toString("base64")}`,
      ),
      delivered("said twice in one header", `${good}, ${good}`),
    ],
  },
  greetings: [
    {
      ...greeted,
      name: "with the value",
      headers: { authorization: current },
      answer: { status: 201 },
    },
    {
      ...greeted,
      name: "with the former value",
      headers: { authorization: former },
      answer: { status: 201 },
    },
    { ...greeted, name: "without the value", answer: "refused" },
    {
      ...greeted,
      name: "with another value",
      headers: { authorization: "Bearer guessed" },
      answer: "refused",
    },
    {
      ...greeted,
      name: "with more in it than a greeting has",
      body: '{"type":"verification","data":{}}',
      headers: { authorization: current },
      answer: "refused",
    },
    {
      ...greeted,
      name: "by GET",
      method: "GET",
      query: "type=verification",
      headers: { authorization: current },
      answer: "refused",
    },
  ],
  deletions: [
    {
      name: "a notice names the record, which is then looked for",
      body: notice({ operation: "DELETE", recordId: "30001" }),
      says: {
        notices: [
          {
            account: "health-user-1",
            collection: "exercise",
            fromMs: Date.parse("2026-11-13T07:00:00Z"),
            toMs: Date.parse("2026-11-15T08:00:00Z"),
            gone: "30001",
          },
        ],
      },
    },
    {
      name: "only a not-found of the record itself is believed",
      reply: { status: 404, body: '{"error":{"status":"NOT_FOUND","message":"No data point."}}' },
      fault: "gone",
    },
    {
      name: "a path that is not known is no deletion",
      reply: {
        status: 404,
        body: '{"error":{"status":"NOT_FOUND","message":"Method not found."}}',
      },
      fault: "broken",
    },
  ],
  deauthorisations: [
    {
      name: "a token that is taken no more",
      reply: { status: 401, body: "{}" },
      fault: "reconnect",
    },
    {
      name: "a refusal of the project ends no grant",
      reply: {
        status: 403,
        body: '{"error":{"status":"PERMISSION_DENIED","details":[{"reason":"SERVICE_DISABLED"}]}}',
      },
      fault: "again",
    },
  ],
  timeZones: [
    {
      name: "east of UTC",
      kind: "exercise",
      item: point({ startUtcOffset: "19800s" }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: 330,
    },
    {
      name: "west of UTC, and elsewhere at the end",
      kind: "exercise",
      item: point({ startUtcOffset: "-12600s", endUtcOffset: "0s" }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: -210,
    },
    {
      name: "a start with an offset of its own is the same instant",
      kind: "exercise",
      item: point({ startTime: "2026-11-14T09:00:00+02:00" }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: null,
    },
  ],
  unknownType: {
    kind: "exercise",
    item: point({}, "AN_EXERCISE_NOBODY_HAS_HEARD_OF"),
    word: "AN_EXERCISE_NOBODY_HAS_HEARD_OF",
  },
  malformed: [
    { name: "cut short", body: body.slice(0, -3), fault: "not-json" },
    { name: "of nobody", body: notice({ healthUserId: "" }), fault: "not-understood" },
    { name: "no notice", body: '{"hello":"world"}', fault: "not-understood" },
    {
      name: "more than a batch holds",
      body: `[${Array.from({ length: 100 }, () => body).join(",")}]`,
      fault: "not-understood",
    },
    { name: "a list for an item", kind: "exercise", item: [], fault: "not-an-object" },
    { name: "no name", kind: "exercise", item: { ...point(), name: "" }, fault: "no-id" },
    {
      name: "a civil start without a zone",
      kind: "exercise",
      item: point({ startTime: "2026-11-14 07:00" }),
      fault: "no-start",
    },
    {
      name: "an end before the start",
      kind: "exercise",
      item: point({ endTime: "2026-11-14T06:00:00Z" }),
      fault: "no-duration",
    },
  ],
  samples: [
    {
      name: "steps of a minute, as text",
      kind: "steps",
      item: {
        dataSource: { platform: "FITBIT", device: { displayName: "Charge 6" } },
        steps: {
          interval: {
            startTime: "2026-11-13T07:00:00Z",
            startUtcOffset: "3600s",
            endTime: "2026-11-13T07:01:00Z",
          },
          count: "112",
        },
      },
      comes: [["steps", "2026-11-13T07:00:00Z", "2026-11-13T07:01:00Z", 112]],
    },
    {
      name: "both statistics of the heart's variability",
      kind: "heart-rate-variability",
      item: {
        heartRateVariability: {
          sampleTime: { physicalTime: "2026-11-13T02:05:00Z", utcOffset: "3600s" },
          rootMeanSquareOfSuccessiveDifferencesMilliseconds: 38.9,
          standardDeviationMilliseconds: 44.25,
        },
      },
      comes: [
        ["hrv_rmssd", "2026-11-13T02:05:00Z", "2026-11-13T02:05:00Z", 38_900],
        ["hrv_sdnn", "2026-11-13T02:05:00Z", "2026-11-13T02:05:00Z", 44_250],
      ],
    },
    {
      name: "a day's value, for all of the member's day",
      kind: "daily-resting-heart-rate",
      item: {
        dailyRestingHeartRate: {
          date: { year: 2026, month: 11, day: 13 },
          beatsPerMinute: "52",
        },
      },
      comes: [["resting_heart_rate", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 52_000]],
    },
    {
      name: "a weight in grams, a distance in millimetres",
      kind: "weight",
      item: {
        name: "users/u/dataTypes/weight/dataPoints/w-1",
        weight: { sampleTime: { physicalTime: "2026-11-13T06:00:00Z" }, weightGrams: 71_500 },
      },
      comes: [["weight", "2026-11-13T06:00:00Z", "2026-11-13T06:00:00Z", 71_500]],
    },
    {
      name: "a night",
      kind: "sleep",
      item: {
        name: "users/u/dataTypes/sleep/dataPoints/9875412",
        sleep: {
          interval: { startTime: "2026-11-12T22:00:00Z", endTime: "2026-11-13T06:00:00Z" },
          updateTime: "2026-11-13T06:10:00Z",
          stages: [
            {
              startTime: "2026-11-12T22:00:00Z",
              endTime: "2026-11-12T23:00:00Z",
              type: "LIGHT",
            },
            {
              startTime: "2026-11-12T23:00:00Z",
              endTime: "2026-11-12T23:10:00Z",
              type: "RESTLESS",
            },
          ],
        },
      },
      comes: [
        ["sleep", "2026-11-12T22:00:00Z", "2026-11-12T23:00:00Z", 3_600_000, "light"],
        ["sleep", "2026-11-12T23:00:00Z", "2026-11-12T23:10:00Z", 600_000, "awake"],
      ],
    },
  ],
};

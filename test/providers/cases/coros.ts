/** What COROS has to show. Bodies are of our own making, in its form: ids are bare integers. */
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const pathKey = "coros-4b8d2f6a0c9e7153";
const [client, secret, before] = ["4f1c9a7e5b2d4c6f", "hTq7-9vLw2+Zr", "kXm3=b0Ns8/Py:1"];
const headers = { Client: client, Secret: secret };
const body =
  '{"sportDataList":[{"openId":"8c1f0b7de2a94a53","labelId":418173315956375999,"mode":8,"subMode":1,"startTimezone":8,"endTimezone":8,"fitUrl":"https://oss.coros.com/fit/a.fit"},{"openId":"1d77e0c4ab3f4f20","labelId":418173315956376001,"mode":9,"subMode":1}]}';

const said = (name: string, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  pathKey,
  headers,
  body,
  nowMs,
  ...over,
});
const lately = { collection: "sport", fromMs: 0, toMs: 0, gone: null, lately: true } as const;

const startTime = Date.UTC(2026, 10, 14, 6, 30) / 1000;
const ride = {
  labelId: "418173315956375999",
  mode: 9,
  subMode: 1,
  startTime,
  endTime: startTime + 3_725,
  startTimezone: 8,
  endTimezone: 8,
  distance: 27_441,
  calorie: 806_000,
  deviceName: "COROS DURA",
};
const zoned = (name: string, startTimezone: unknown, offsetMin: number | null) => ({
  name,
  kind: "sport",
  item: { ...ride, startTimezone },
  at: "2026-11-14T06:30:00.000Z",
  elapsedMs: 3_725_000,
  offsetMin,
});
const answered = (result: unknown) => ({
  status: 200,
  body: JSON.stringify({ result, message: "no" }),
});

export const cases: ProviderCases = {
  secrets: {
    pathKeys: [pathKey],
    shared: [`${client}:${secret}`, { kid: "before", secret: `${client}:${before}` }],
  },
  signatures: {
    genuine: [
      said("of two members"),
      said("by the secret before, which has a colon in it", {
        headers: { ...headers, Secret: before },
      }),
      said("with other headers beside", { headers: { ...headers, "X-Trace": "7" } }),
      said("of nothing", { body: '{"sportDataList":[]}' }),
    ],
    forged: [
      said("by another secret", { headers: { ...headers, Secret: "hTq7-9vLw2+Zs" } }),
      said("by another client", { headers: { ...headers, Client: "4f1c9a7e5b2d4c60" } }),
      said("by the secret alone", { headers: { Secret: secret } }),
      said("by the client alone", { headers: { Client: client } }),
      said("by both in one", { headers: { Client: `${client}:${secret}`, Secret: "" } }),
      said("parted elsewhere", { headers: { Client: `${client}:kXm3=b0Ns8/Py`, Secret: "1" } }),
      said("the one for the other", { headers: { Client: secret, Secret: client } }),
      said("with more behind it", { headers: { ...headers, Secret: `${secret}0` } }),
      said("with none of them", { headers: {} }),
      said("at another address", { pathKey: "coros-4b8d2f6a0c9e7154" }),
      { name: "at no address", headers, body, nowMs },
    ],
  },
  greetings: [
    {
      name: "whether anybody is there",
      method: "GET",
      pathKey,
      nowMs,
      answer: { status: 200, json: { message: "ok", result: "0000" } },
    },
    {
      name: "whatever is asked beside",
      method: "GET",
      pathKey,
      query: "client=x&secret=y",
      headers: { Client: "x", Secret: "y" },
      nowMs,
      answer: { status: 200, json: { message: "ok", result: "0000" } },
    },
    { name: "elsewhere", method: "GET", pathKey: "coros", nowMs, answer: { status: 404 } },
    {
      name: "a delivery that only looks like one",
      method: "POST",
      pathKey,
      body: '{"message":"ok","result":"0000"}',
      nowMs,
      answer: "refused",
    },
  ],
  deletions: [
    {
      name: "a record that is named is only read for: nothing says that one is gone",
      body: '{"sportDataList":[{"openId":"8c1f0b7de2a94a53","labelId":418173315956375999,"deleted":1}]}',
      says: { notices: [{ ...lately, account: "8c1f0b7de2a94a53" }], items: [], claims: [] },
    },
    {
      name: "a not-found is no answer of COROS's",
      reply: { status: 404, body: '{"result":"0000","message":"OK","data":[]}' },
      fault: "broken",
    },
  ],
  deauthorisations: [
    { name: "a token that is no good", reply: answered("5006"), fault: "reconnect" },
    { name: "the same as a number", reply: answered(5006), fault: "reconnect" },
    { name: "one to be asked again", reply: answered("5016"), fault: "again" },
    { name: "a permission that is missing", reply: answered("30009"), fault: "refused" },
    { name: "a code that nobody documents", reply: answered("1001"), fault: "broken" },
    { name: "the status alone", reply: { status: 401, body: "" }, fault: "reconnect" },
  ],
  timeZones: [
    zoned("8 is two hours", 8, 120),
    zoned("32 is eight hours", 32, 480),
    zoned("by quarter hours", 23, 345),
    zoned("behind UTC", -14, -210),
    zoned("in UTC's own zone, which is one", 0, 0),
    zoned("without a word of it", undefined, null),
    zoned("of a place that does not exist", 60, null),
    zoned("of no whole quarter", 8.5, null),
    zoned("as text", "8", null),
  ],
  unknownType: { kind: "sport", item: { ...ride, mode: 77, subMode: 3 }, word: "77/3" },
  malformed: [
    { name: "no JSON", body: "sportDataList", fault: "not-json" },
    { name: "half a JSON", body: body.slice(0, 70), fault: "not-json" },
    { name: "a long number for a name", body: "{4181733159563759990:1}", fault: "not-json" },
    { name: "an array", body: `[${body}]`, fault: "not-understood" },
    { name: "no list", body: '{"sportDataList":{}}', fault: "not-understood" },
    {
      name: "no id",
      kind: "sport",
      item: { ...ride, labelId: undefined },
      fault: "no-id",
    },
    {
      name: "an id that was read as a double",
      kind: "sport",
      item: { ...ride, labelId: 418_173_315_956_376_000 },
      fault: "no-id",
    },
    { name: "the id of nothing", kind: "sport", item: { ...ride, labelId: 0 }, fault: "no-id" },
    { name: "no workout", kind: "sport", item: null, fault: "not-an-object" },
    { name: "no start", kind: "sport", item: { ...ride, startTime: 0 }, fault: "no-start" },
    { name: "no end", kind: "sport", item: { ...ride, endTime: null }, fault: "no-duration" },
    {
      name: "no length",
      kind: "sport",
      item: { ...ride, endTime: startTime },
      fault: "no-duration",
    },
    {
      name: "an end before the start",
      kind: "sport",
      item: { ...ride, endTime: startTime - 1 },
      fault: "end-before-start",
    },
    {
      name: "milliseconds for seconds",
      kind: "sport",
      item: { ...ride, startTime: startTime * 1000 },
      fault: "start-in-future",
    },
  ],
};

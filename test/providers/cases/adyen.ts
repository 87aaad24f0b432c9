/** What Adyen has to show: each item signed here with node:crypto. */
import { createHmac } from "node:crypto";
import type { MalformedCase, ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const [current, previous] = ["44782DEF547AAA06C910C43932B1EB0C".repeat(2), "0badc0de".repeat(8)];

export const item = (more: object = {}) => ({
  eventCode: "AUTHORISATION",
  success: "true",
  pspReference: "NQ59LCS3RLPT3F7Q",
  originalReference: "",
  merchantAccountCode: "SingletPOS",
  merchantReference: "order:1042\\a",
  amount: { currency: "EUR", value: 2_975 },
  eventDate: "2026-11-14T08:00:03+01:00",
  paymentMethod: "visa",
  reason: "033899:1142:03/2030",
  additionalData: { shopperReference: "c-7", cardSummary: "1142" },
  ...more,
});
type Item = ReturnType<typeof item>;

/** As docs.adyen.com has it: eight values, `\` and `:` in them behind a backslash. */
export const macOf = (of: Item, key: string = current): string => {
  const { pspReference, originalReference, merchantAccountCode, merchantReference } = of;
  const { amount, eventCode, success } = of;
  const values = [pspReference, originalReference, merchantAccountCode, merchantReference];
  const text = [...values, amount.value, amount.currency, eventCode, success]
    .map((value) =>
      String(value ?? "")
        .replace(/\\/g, "\\\\")
        .replace(/:/g, "\\:"),
    )
    .join(":");
  return createHmac("sha256", Buffer.from(key, "hex")).update(text).digest("base64");
};
const withMac = (of: Item, hmacSignature: unknown) => ({
  ...of,
  additionalData: { ...of.additionalData, hmacSignature },
});
export const signed = (of: Item, key?: string) => withMac(of, macOf(of, key));
export const bodyOf = (...items: readonly object[]) =>
  JSON.stringify({
    live: "true",
    notificationItems: items.map((one) => ({ NotificationRequestItem: one })),
  });
const capture = item({ eventCode: "CAPTURE", originalReference: "NQ59LCS3RLPT3F7Q" });

const said = (name: string, body: string): SignedCase => ({ name, body, nowMs });
const bare = (of: Item) => withMac(of, undefined);

const bad = (name: string, fault: string, more: object): MalformedCase => ({
  ...{ name, kind: "notification", fault },
  item: item(more),
});

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: previous }] },
  signatures: {
    genuine: [
      said("as it comes", bodyOf(signed(item()))),
      said("under the key before", bodyOf(signed(item(), previous))),
      said("several items", bodyOf(signed(item()), signed(capture))),
      said("without an original", bodyOf(signed(item({ originalReference: undefined })))),
      said("what nobody signed may be another", bodyOf({ ...signed(item()), reason: "other" })),
    ],
    forged: [
      said("nothing signed", bodyOf(bare(item()))),
      said("under another key", bodyOf(signed(item(), "ab".repeat(32)))),
      said("another amount", bodyOf({ ...signed(item()), amount: { currency: "EUR", value: 1 } })),
      said("another outcome", bodyOf({ ...signed(item()), success: "false" })),
      said("another event", bodyOf({ ...signed(item()), eventCode: "REFUND" })),
      said("the second one not signed", bodyOf(signed(item()), bare(capture))),
      said("the first one of another's", bodyOf(withMac(item(), macOf(capture)), signed(capture))),
      said("no items", bodyOf()),
      said("in hex", bodyOf(withMac(item(), Buffer.from(macOf(item()), "base64").toString("hex")))),
      said("no JSON", bodyOf(signed(item())).slice(0, -1)),
    ],
  },
  greetings: { none: "Adyen asks nothing of an address before it notifies." },
  deletions: { none: "What is undone is an event of its own, with the money taken back." },
  deauthorisations: { none: "The webhook is taken away on Adyen's pages, and nobody says so." },
  timeZones: [
    { name: "an offset", kind: "notification", item: item(), at: "2026-11-14T07:00:03Z" },
    {
      name: "west of UTC",
      kind: "notification",
      item: item({ eventDate: "2026-11-14T23:30:00-05:00" }),
      at: "2026-11-15T04:30:00Z",
    },
  ],
  unknownType: {
    kind: "notification",
    item: item(),
    none: "An event that nobody has heard of is counted, and no item at all.",
  },
  malformed: [
    { name: "cut short", body: bodyOf(item()).slice(0, -2), fault: "not-json" },
    { name: "no list", body: '{"notificationItems":{}}', fault: "not-understood" },
    { name: "nothing in it", body: bodyOf(), fault: "not-understood" },
    { name: "not an object", kind: "notification", item: "x", fault: "not-an-object" },
    bad("an event that moves no money", "no-id", { eventCode: "REPORT_AVAILABLE" }),
    bad("no reference", "no-id", { pspReference: "" }),
    bad("no time", "no-time", { eventDate: "yesterday" }),
    bad("a time without a zone", "no-zone", { eventDate: "2026-11-14T08:00:03" }),
    bad("no currency", "no-currency", { amount: { value: 1 } }),
    bad("a fraction", "bad-amount", { amount: { currency: "EUR", value: 1.5 } }),
    bad("finer than the currency", "bad-amount", { amount: { currency: "ISK", value: 150 } }),
    bad("no store", "no-store", { merchantAccountCode: "" }),
  ],
};

import { describe, expect, it } from "vitest";
import { adyen } from "../../providers/adyen.ts";
import { bodyOf, item, macOf } from "./cases/adyen.ts";
import { bearsMalice, linesOf, soldBy, sumOf } from "./sold.ts";

const said = (more: object = {}) => soldBy(adyen, "notification", item(more));
const parsed = (...items: readonly object[]) => {
  const delivery = adyen.parse(bodyOf(...items));
  return delivery.ok ? delivery.value : delivery.error;
};

describe("a notification", () => {
  it("is a payment apart from what was sold, under the event's name", () => {
    expect(said()).toMatchObject({
      ...{ said: '["NQ59LCS3RLPT3F7Q","AUTHORISATION"]', store: "SingletPOS", currency: "EUR" },
      ...{ revision: Date.UTC(2026, 10, 14, 7, 0, 3), businessDay: "2026-11-14", named: "c-7" },
      references: ["order:1042\\a", "NQ59LCS3RLPT3F7Q"],
    });
    expect(linesOf(said())).toEqual([["payment", "AUTHORISATION", 0, 2_975]]);
  });

  it("has the sign of what became of the money", () => {
    for (const [eventCode, sign] of [
      ["AUTHORISATION", 1],
      ["CAPTURE", 0],
      ["CAPTURE_FAILED", -1],
      ["CANCELLATION", -1],
      ["CANCEL_OR_REFUND", -1],
      ["EXPIRE", -1],
      ["REFUND", -1],
      ["REFUND_FAILED", 1],
      ["CHARGEBACK", -1],
      ["CHARGEBACK_REVERSED", 1],
      ["SECOND_CHARGEBACK", -1],
    ] as const)
      expect(sumOf(said({ eventCode })), eventCode).toBe(sign * 2_975);
  });

  it("of a capture moves what was authorised, so that it counts once", () => {
    expect(linesOf(said({ eventCode: "CAPTURE" }))).toEqual([
      ["payment", "CAPTURE", 0, 2_975],
      ["payment", "AUTHORISATION", 0, -2_975],
    ]);
  });

  it("that failed adds nothing", () => {
    for (const success of ["false", false, "maybe", null])
      expect(linesOf(said({ success }))).toEqual([["payment", "AUTHORISATION", 0, 0]]);
    expect(sumOf(said({ success: true }))).toBe(2_975);
  });

  it("counts in the currency's own smallest unit, whatever Adyen's is", () => {
    for (const [currency, value, minor] of [
      ["JPY", 1_200, 1_200],
      ["KWD", 1_234, 1_234],
      ["ISK", 279_000, 2_790],
      ["CLP", 2_900, 29],
      ["IDR", 500, 50_000],
      ["CVE", 7, 700],
    ] as const)
      expect(sumOf(said({ amount: { currency, value } })), currency).toBe(minor);
  });

  it("belongs to the day of its own offset", () => {
    expect(said({ eventDate: "2026-11-14T23:30:00-05:00" }).businessDay).toBe("2026-11-14");
  });
});

describe("a body", () => {
  it("holds several items, and those that move no money are counted", () => {
    const report = item({ eventCode: "REPORT_AVAILABLE" });
    expect(parsed(item(), report, item({ eventCode: "REFUND" }))).toMatchObject({
      items: [{ account: "", kind: "notification" }, { kind: "notification" }],
      unknown: 1,
    });
  });

  it("of the form that Adyen publishes is signed as it publishes it", () => {
    const published = {
      ...{ pspReference: "7914073381342284", originalReference: "", success: "true" },
      ...{ merchantAccountCode: "TestMerchant", eventCode: "AUTHORISATION" },
      merchantReference: "TestPayment-1407325143704",
      amount: { value: 1_130, currency: "EUR" },
    };
    const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    // docs.adyen.com, "Verify HMAC signatures", its worked example.
    expect(macOf(item(published), key)).toBe("coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=");
  });
});

it("nothing of the card is kept, nor whose it is but as a digest", () => {
  expect(said().named).toBe("c-7");
  expect(JSON.stringify(said().raw)).not.toMatch(/1142|033899|visa|c-7|shopper/);
});

it("what is kept is read as the same again, whatever stood in it", () => {
  bearsMalice(adyen, "notification", item());
});

/** Settlement files in three forms: exact amounts, bad rows named by line and rule and nothing else. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvRows } from "../../domain/finance/csv.ts";
import { minorOf } from "../../domain/finance/money.ts";
import {
  type ReadFile,
  readSettlementFile,
  rowsMax,
} from "../../domain/finance/settlement-file.ts";

const isNone = () => false;
function taken(text: string): ReadFile {
  const file = readSettlementFile(text, isNone);
  if (!file.ok) throw new Error(file.error);
  return file.value;
}

describe("money", () => {
  test.each([
    ["10.00", "EUR", 1000],
    ["-3.45", "USD", -345],
    ["7", "EUR", 700],
    ["1500", "JPY", 1500],
    ["1500.00", "JPY", 1500],
    ["1.234", "KWD", 1234],
    ["-0.00", "EUR", 0],
  ])("%s %s is %i of the smallest unit", (text, currency, minor) => {
    expect(minorOf(text, currency)).toEqual({ ok: true, value: minor });
  });

  test.each(["", "1,50", "1e3", "0.005", "1.5.0", "--1", "NaN", "99999999999999"])(
    "%j is no amount in euros",
    (text) => {
      expect(minorOf(text, "EUR")).toEqual({ ok: false, error: "not-decimal" });
    },
  );

  test("of any amount of cents is that amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (minor) => {
        const digits = String(Math.abs(minor)).padStart(3, "0");
        const text = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
        expect(minorOf(text, "EUR")).toEqual({ ok: true, value: minor });
      }),
    );
  });
});

describe("comma-separated values", () => {
  test("are the cells that were written, quoted or not", () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", ",", '"', "\n", "\r\n", " ", "ü"),
      maxLength: 6,
    });
    const row = fc.array(cell, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = rows.map((cells) => cells.map(quoted).join(",") + end).join("");
        const read = csvRows(text, 100);
        expect(read.ok && read.value.map(({ cells }) => cells)).toEqual(rows);
      }),
    );
  });

  test("name the line on which a row begins, over breaks inside quotes and empty lines", () => {
    const read = csvRows('a,b\n\n"x\ny",1\nz,2\n', 10);
    expect(read.ok && read.value.map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  test("with a quote that nothing ends are refused", () => {
    expect(csvRows('a,"b', 10)).toEqual({ ok: false, error: "unclosed" });
  });
});

const header = "reference,kind,currency,amount,fee,day";

describe("a file in our own form", () => {
  test("is its rows, whatever the order of its columns", () => {
    const { rows, form } = taken(
      "day,fee,amount,currency,kind,reference,note\n2026-11-14,0.35,12.50,EUR,charge,1001,x\n",
    );
    expect(form).toBe("singlet");
    expect(rows).toEqual([
      {
        ...{ line: 2, kind: "charge", references: ["1001"], currency: "EUR" },
        ...{ amountMinor: 1250, feeMinor: 35, day: "2026-11-14" },
      },
    ]);
  });

  test("names bad rows by line and rule, and takes the others", () => {
    const lines = [
      "1,charge,EUR,5.00,0.10,2026-11-14",
      "2,gift,EUR,5.00,,2026-11-14",
      "3,charge,euro,5.00,,2026-11-14",
      "4,charge,EUR,five,,2026-11-14",
      "5,refund,EUR,5.00,,2026-11-14",
      "6,charge,EUR,5.00,x,2026-11-14",
      "7,charge,EUR,5.00,,14.11.2026",
      "8,charge,EUR",
      `${"9".repeat(201)},charge,EUR,5.00,,2026-11-14`,
    ];
    const file = taken([header, ...lines].join("\r\n"));
    expect(file.rows.map(({ references }) => references)).toEqual([["1"]]);
    expect(file.errors).toEqual([
      { line: 3, rule: "kind" },
      { line: 4, rule: "currency" },
      { line: 5, rule: "amount" },
      { line: 6, rule: "amount" },
      { line: 7, rule: "fee" },
      { line: 8, rule: "day" },
      { line: 9, rule: "columns" },
      { line: 10, rule: "reference" },
    ]);
  });

  test.each([
    ["what has another header", "a,b,c\n1,2,3\n", "unknown-form"],
    ["nothing", "", "unknown-form"],
    ["JSON of another shape", '{"orders":[]}', "unknown-form"],
    [
      "more rows than are taken",
      `${header}\n${"1,fee,EUR,-1,0,2026-11-14\n".repeat(rowsMax + 1)}`,
      "too-many",
    ],
  ])("%s is refused", (_, text, error) => {
    expect(readSettlementFile(text, isNone)).toEqual({ ok: false, error });
  });

  test("in which a cell is said to hold a card number is refused, its header too", () => {
    const holdsCard = (cell: string, column: string) => cell === "secret" && column !== "day";
    for (const text of [`${header}\nsecret,charge,EUR,1,0,2026-11-14\n`, `${header},secret\n`])
      expect(readSettlementFile(text, holdsCard)).toEqual({ ok: false, error: "card-number" });
    expect(readSettlementFile(`${header}\n1,charge,EUR,1,0,secret\n`, holdsCard).ok).toBe(true);
  });
});

const transaction = (more: object) => ({
  ...{ id: 1, type: "charge", test: false, currency: "USD", amount: "10.00", fee: "0.59" },
  ...{ net: "9.41", source_order_id: 217130470, processed_at: "2026-11-04T23:52:08-05:00" },
  ...more,
});

test("Shopify's balance transactions are rows by order, on the shop's own day", () => {
  const file = taken(
    JSON.stringify({
      transactions: [
        transaction({}),
        transaction({ type: "refund", amount: "-3.45", fee: "0.00" }),
        transaction({ type: "payout", amount: "-5.96", source_order_id: null }),
        transaction({ type: "seller_protection_credit", source_order_id: null }),
        transaction({ test: true }),
        transaction({ amount: "ten" }),
        "no object",
      ],
    }),
  );
  const of = ["217130470"];
  expect(
    file.rows.map((r) => [r.line, r.kind, r.references, r.amountMinor, r.feeMinor, r.day]),
  ).toEqual([
    [1, "charge", of, 1000, 59, "2026-11-04"],
    [2, "refund", of, -345, 0, "2026-11-04"],
    [3, "payout", [], -596, 59, "2026-11-04"],
    [4, "adjustment", [], 1000, 59, "2026-11-04"],
  ]);
  expect(file).toMatchObject({ form: "shopify", passedOver: 1 });
  expect(file.errors).toEqual([
    { line: 6, rule: "amount" },
    { line: 7, rule: "not-an-object" },
  ]);
});

const adyenHeader =
  "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC)";

test("Adyen's settlement details are rows by either reference, gross with their fee", () => {
  const at = "2026-11-14 08:10:11,CET";
  const file = taken(
    [
      adyenHeader,
      `Co,Shop,PSP1,1001,visa,${at},Settled,M1,EUR,,25.00,1,EUR,,24.55,,0.10,0.05,0.30`,
      `Co,Shop,PSP1,1001,visa,${at},Refunded,M2,EUR,5.00,,1,EUR,5.00,,0.00,,,`,
      `Co,Shop,PSP2,1002,mc,${at},Chargeback,M3,EUR,9.00,,1,EUR,24.00,,15.00,,,`,
      `Co,Shop,,,,${at},Fee,Transaction Fees,,,,,EUR,1.20,,,,,`,
      `Co,Shop,,,,${at},MerchantPayout,Payout,,,,,EUR,13.35,,,,,`,
      `Co,Shop,PSP3,1003,visa,${at},Settled,M4,USD,,10.00,0.9,EUR,,8.80,0.20,,,`,
    ].join("\n"),
  );
  expect(file.form).toBe("adyen");
  expect(file.rows.map((r) => [r.kind, r.references, r.amountMinor, r.feeMinor])).toEqual([
    ["charge", ["1001", "PSP1"], 2500, 45],
    ["refund", ["1001", "PSP1"], -500, 0],
    ["dispute", ["1002", "PSP2"], -900, 1500],
    ["fee", [], -120, 0],
    ["payout", [], -1335, 0],
  ]);
  expect(file.errors).toEqual([{ line: 7, rule: "two-currencies" }]);
});

/** The proof over days of sales, over days of our own with everything in them that real ones have. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runRetail } from "./retail.ts";
import { isFiner, readDay, unitsOf, wholeOf } from "./retail-csv.ts";

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
const days: Readonly<Record<string, Buffer>> = {
  // No UTF-8, lines that end as Windows ends them, and an empty one.
  "2010-12-01.csv": Buffer.from(
    [
      header,
      "1,22139,,56,2010-12-01 23:52:00,0.0,,United Kingdom",
      '2,"BANK CHARGES","Bank, ""charges""",1,2010-12-01 11:52:00,15.005,,EIRE',
      "2,47503J ,TRAILING,3,2010-12-01 11:53:00,0.335,,EIRE",
      "2,47503J,TRAILING,3,2010-12-01 11:53:00,0.335,,EIRE",
      "2,47503J,TRAILING,3,2010-12-01 11:53:00,0.335,,EIRE",
      "2,gift_80,\u00a380 gift,1,2010-12-01 11:53:00,69.57,,EIRE",
      "A3,B,Adjust bad debt,1,2010-12-01 14:51:00,-11062.06,,United Kingdom",
      "C4,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom",
      '5,PADS,"line\nbreak <&>",1,2010-12-01 09:27:00,0.001,13952.0,Channel Islands',
      "5,,no code,2,2010-12-01 09:27:00,.5,13952,Channel Islands",
      "6,X,no price,2,2010-12-01 09:27:00,,13952,RSA",
      "7,Y,over midnight,2,2010-12-01 23:59:00,1,13952,RSA",
      // Taken back whole by itself: no sale by any of the three.
      "9,W,bought,2,2010-12-01 10:00:00,1.5,13952,RSA",
      "9,W,taken back,-2,2010-12-01 10:00:00,1.5,13952,RSA",
      // Exchanged: one all the same.
      "10,W,brought back,-1,2010-12-01 10:05:00,1.5,13952,United Kingdom",
      "10,V,taken instead,1,2010-12-01 10:05:00,1.5,13952,United Kingdom",
      "",
    ].join("\r\n"),
    "latin1",
  ),
  "2010-12-02.csv": Buffer.from(
    [
      header,
      "7,Y,next day,2,2010-12-02 00:01:00,1,13952,RSA",
      '8,Z,"\u00e9, utf",1,2010-12-02 08:00:00,2.1,,France',
    ].join("\n"),
  ),
};

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "singlet-days-"));
  said = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});
const ran = (seed = 1) => runRetail({ dir: folder, seed, isRuntime: false });
const result = () => JSON.parse(/^RESULT (.*)$/m.exec(said.join(""))?.[1] ?? "{}");

describe("days of sales", () => {
  it("come to one number by the source, the totals and the archive, in any order", async () => {
    for (const [name, bytes] of Object.entries(days)) writeFileSync(join(folder, name), bytes);
    for (const seed of [1, 2]) {
      said = [];
      expect(await ran(seed), said.join("")).toBe(0);
      expect(result()).toMatchObject({
        ...{ days: 2, lines: 18, sales: 9, repeated: 1, repeatedMinor: 101, unreadable: 1 },
        ...{ cancellations: 1, rounded: 5, timesDiffer: 2, moneyMinor: -1_099_485, wrong: 0, seed },
      });
      expect(said.join("")).toMatch(/^ +sales +all +\d+ +8 +8 +8\s*$/m);
    }
  });

  it("differ by what is not taken: a sale with a card's number in it", async () => {
    const line = "9,4111111111111111,a card,2,2010-12-01 09:27:00,0.5,13952,RSA";
    const day = [header, line, "10,X,none,1,2010-12-01 09:27:00,1,,RSA"];
    for (const lines of [day.slice(0, 2), day]) {
      writeFileSync(join(folder, "day.csv"), lines.join("\n"));
      expect(await ran()).toBe(1);
      expect(said.join("")).toContain("card-number 3");
    }
    expect(result().wrong).toBeGreaterThan(0);
  });

  it("are not judged where there are none, or of another form", async () => {
    expect(await ran()).toBe(2);
    writeFileSync(join(folder, "day.csv"), "a,b\n1,2\n");
    expect(await ran()).toBe(2);
  });
});

describe("money", () => {
  it("is exact decimal text, halves away from zero", () => {
    const read = (text: string, times = 1) => unitsOf(text, times, 2);
    expect([read("0.335", 3), read("0.335", -3), read("2.675"), read("1e3"), read("5e-3")]).toEqual(
      [101, -101, 268, 100_000, 1],
    );
    expect([read("9007199254740.99"), read(".5"), read("-0.001"), read("")]).toEqual([
      ...[900_719_925_474_099, 50, 0, null],
    ]);
    expect([isFiner("1.50", 1), isFiner("1.55", 1), wholeOf("6.0"), wholeOf("6.5")]).toEqual([
      ...[false, true, 6, null],
    ]);
  });
});

describe("a day's file", () => {
  it("has its fields as they stand there, quoted or not", () => {
    const text = `${header}\n1,A,"a ""b"", c\nd",1,2010-12-01 08:00:00,1.0,,EIRE`;
    const [row] = readDay(Buffer.from(text))?.rows ?? [];
    expect(row).toMatchObject({ Description: 'a "b", c\nd', CustomerID: "", Country: "EIRE" });
  });
});

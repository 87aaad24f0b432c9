/** What an auditor looks for, and a file of many pages. */
import { describe, expect, it } from "vitest";
import { nothingTyped, queryOf, wrongIn } from "../../../web/pages/audit/entry-query.ts";
import { nextCursor, withoutHeader } from "../../../web/pages/audit/export-pages.ts";

const member = `m_${"0a".repeat(16)}`;

describe("a question to the log", () => {
  it("asks for nothing that was not typed", () => {
    expect(queryOf(nothingTyped)).toEqual({});
    expect(queryOf({ ...nothingTyped, member: ` ${member} `, action: "view" })).toEqual({
      member,
      action: "view",
    });
  });

  it("takes whole local days, both included", () => {
    const { from, to } = queryOf({ ...nothingTyped, from: "2026-11-01", to: "2026-11-01" });
    expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(86_399_999);
  });

  it("is not asked with what is no id, or with days that end before they begin", () => {
    expect(wrongIn({ ...nothingTyped, member: "Ada" })).toHaveProperty("member");
    expect(wrongIn({ ...nothingTyped, actor: "a b" })).toHaveProperty("actor");
    expect(wrongIn({ ...nothingTyped, from: "2026-11-02", to: "2026-11-01" })).toHaveProperty("to");
    expect(wrongIn({ ...nothingTyped, member, actor: "coach_1" })).toEqual({});
  });
});

describe("a file of many pages", () => {
  it("goes on where Link says", () => {
    expect(nextCursor('</v1/audit/entries?action=view&cursor=a%2Fb>; rel="next"')).toBe("a/b");
    expect(nextCursor(null)).toBeNull();
  });
  it("has one header", () => {
    expect(withoutHeader("entry,at\r\n0/1,now\r\n")).toBe("0/1,now\r\n");
  });
});

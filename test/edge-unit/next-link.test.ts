import { expect, it } from "vitest";
import { nextLink } from "../../workers/edge/next-link.ts";

const shape = { action: null, limit: null, cursor: null };
const next = (query: string) => nextLink(`https://edge.test/v1/audit/entries${query}`, shape, "c2");

it("is the same question from another place on", () => {
  expect(next("?limit=5&cursor=c1&action=delete")).toBe(
    '</v1/audit/entries?limit=5&action=delete&cursor=c2>; rel="next"',
  );
  expect(next("")).toBe('</v1/audit/entries?cursor=c2>; rel="next"');
});

it("says nothing back that nobody understood", () => {
  expect(next("?action=delete&action=again&other=thing&toString=thing&cursor=c0&cursor=c1")).toBe(
    '</v1/audit/entries?action=delete&cursor=c2>; rel="next"',
  );
});

/** docs/sales.md says what the code does: sources, bounds, faults, and its example is taken. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { lineKinds, linesMax } from "../../domain/sales/schema.ts";
import { providers } from "../../providers/index.ts";
import { transactionsMax } from "../../providers/poslog.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { saleEvents, saleWebhooks } from "../../providers/sale-webhooks.ts";
import { cases as adyen } from "../providers/cases/adyen.ts";
import { cases as sales } from "../providers/cases/sale-webhooks.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/sales.md"), "utf8");
/** Without its line breaks: what it says, wherever a line ends. */
const words = page.replaceAll(/\s*\n\s*/g, " ");
const thousands = (n: number) => n.toLocaleString("en-US");
const receivedMs = Date.UTC(2026, 10, 21);

/** The cells of the rows of a table, by the first of its head. */
function table(head: string): string[][] {
  const from = page.indexOf(`\n| ${head} |`);
  expect(from, head).toBeGreaterThan(0);
  const [block = ""] = page.slice(from + 1).split("\n\n");
  const rows = block.trimEnd().split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1));
}
const codesIn = (text = ""): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, c = ""]) => c);

it("has a row for each source, by whose key or word it is known", () => {
  const all = Object.values<Provider>(providers).filter(({ stream }) => stream === "sales");
  const rows = table("source");
  expect(rows.map(([source]) => codesIn(source)[0])).toEqual(all.map(({ name }) => name));
  for (const [i, { signature, memberKey }] of all.entries()) {
    const proven = rows[i]?.[1] ?? "";
    expect(proven.includes("merchant's key")).toBe(memberKey !== undefined);
    expect(proven.includes("sign")).toBe("besides" in signature || signature.kind === "hmac");
  }
});

it("names the kinds of lines, and no other", () => {
  const [, listed] = /\*\*Lines\*\* are ([^;]+);/.exec(words) ?? [];
  expect(codesIn(listed)).toEqual([...lineKinds]);
});

it("has its bounds", () => {
  expect(words).toContain(`up to ${thousands(transactionsMax)}, 10 MiB`);
  expect(words).toContain(`up to ${thousands(linesMax)}: \`kind\``);
  for (const { facts } of [providers.poslog, providers["sale-webhooks"]])
    expect(facts.bodyBytesMax).toBe(10 * 1024 * 1024);
});

it("lists where a till may write a card's number", () => {
  const [row = []] = table("element").filter(([, what]) => what?.includes("card's number"));
  const names = codesIn(row[0]);
  for (const path of providers.poslog.cards.paths) {
    const steps = path.split(".").filter((step) => step !== "*" && step !== "#text");
    expect(names).toContain(steps.at(-1));
    if (steps.at(-2) !== "Tender") expect(names).toContain(steps.at(-2));
  }
});

it("says of each of Adyen's events what becomes of the money", () => {
  const said = new Map(
    table("event | the money").flatMap(([events, what = ""]) =>
      codesIn(events).map((event) => [event, what] as const),
    ),
  );
  const { item } = adyen.unknownType as { readonly item: object };
  for (const [event, what] of said) {
    const draft = providers.adyen.normalise(
      ...(["notification", { ...item, eventCode: event }, receivedMs] as const),
    );
    if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(event);
    const lines = draft.value.fields.lines as readonly { readonly amountMinor: number }[];
    const sum = lines.reduce((all, { amountMinor }) => all + amountMinor, 0);
    const sign = what.includes("is paid") ? 1 : what.includes("goes back") ? -1 : 0;
    expect(Math.sign(sum), event).toBe(sign);
  }
  expect(said.size).toBeGreaterThan(10);
});

describe("signed events", () => {
  it("are those that the door takes, with as many entries", () => {
    const rows = new Map(
      table("event | `data`").map(([event, what = ""]) => [codesIn(event)[0], what] as const),
    );
    expect([...rows.keys()]).toEqual(Object.keys(saleEvents));
    for (const [type, { in: field, max }] of Object.entries(saleEvents))
      expect(rows.get(type)).toContain(`\`${field}\`: up to ${max}`);
  });

  it("have the faults that the page lists, each for a field of its own", () => {
    const listed = table("field").flatMap(([, , faults]) => codesIn(faults));
    expect(new Set(listed).size).toBe(listed.length);
    const shown = sales.malformed.flatMap((one) => ("item" in one ? [one.fault] : []));
    for (const fault of shown) if (fault !== "not-an-object") expect(listed).toContain(fault);
  });

  it("of the page's own are taken", () => {
    const [, json = ""] = /```json\n(.*?)```/s.exec(page) ?? [];
    const parsed = saleWebhooks.parse(json);
    if (!parsed.ok) throw new Error(parsed.error);
    const [item] = parsed.value.items;
    const draft = saleWebhooks.normalise(item?.kind ?? "", item?.body, receivedMs);
    expect(draft).toMatchObject({ ok: true, value: { sourceId: "S-81" } });
  });
});

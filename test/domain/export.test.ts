/** Listens and sales as files of an export: lines of JSON and tables, of the same things. */
import { describe, expect, it } from "vitest";
import { takeawayOf, takeaways, takenStreams } from "../../domain/export/index.ts";
import { listenLine, listenTable } from "../../domain/export/listens.ts";
import type { ExportPart, TableColumn } from "../../domain/export/part.ts";
import { saleLineOf, saleTable, saleTakeaway } from "../../domain/export/sales.ts";
import type { ConnectionId, FactId, MemberId, OriginId } from "../../domain/identity.ts";
import type { ResolvedListen } from "../../domain/listens/resolved.ts";
import type { SaleFact } from "../../domain/sales/schema.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";

const at = Date.UTC(2026, 10, 20, 18, 30);
const listen: ResolvedListen = {
  ...{ id: "l_a", at, artist: "Nobody's Band", track: "One", release: null, recording: null },
  ...{ artistKey: "nobody's band", trackKey: "one", durationMs: 200_000, playedMs: null },
  ...{ territory: "NL", provider: "listenbrainz", facts: ["a" as FactId, "b" as FactId] },
};
const line = (sku: string, amountMinor: number) => ({
  ...{ kind: "item" as const, sku, quantity: 1, amountMinor },
});
const sale = (id: string, lines: SaleFact["lines"]): SaleFact => ({
  ...{ id: id as FactId, revision: 1, at, member: "m_1" as MemberId },
  ...{ connection: "c_1" as ConnectionId, provider: "poslog", originId: `o_${id}` as OriginId },
  ...{ store: "12", region: "North", businessDay: "2026-11-20", currency: "EUR", lines },
  references: ["order-1"],
  cards: [{ token: "card_x", bin: "411111", last4: "1111", brand: "visa", country: "ZZ" }],
  person: null,
});
const lengthsOf = (table: readonly TableColumn[]) => new Set(table.map(({ data }) => data.length));
const columnOf = (table: readonly TableColumn[], name: string) =>
  table.find((column) => column.name === name)?.data;

describe("what is taken away", () => {
  it("is named by its stream, of every stream that ledgers hold in the open", () => {
    expect(takenStreams.map((name) => [name, takeaways[name].stream])).toEqual(
      takenStreams.map((name) => [name, name]),
    );
    const held = Object.values<AnyStream>(streams).filter(
      (stream) => stream.resolve?.where === "ledger",
    );
    expect(held.map(({ name }) => takeawayOf(name)?.stream)).toEqual(held.map(({ name }) => name));
    expect(takeawayOf("samples")).toBeUndefined();
    expect(takeawayOf("toString")).toBeUndefined();
  });

  it("has a listen as the API shows it, in a line and in a row", () => {
    expect(JSON.parse(listenLine(listen))).toEqual({
      ...{ id: "l_a", at: "2026-11-20T18:30:00.000Z", artist: "Nobody's Band", track: "One" },
      ...{ release: null, recording: null, durationMs: 200_000, playedMs: null },
      ...{ territory: "NL", provider: "listenbrainz", records: ["a", "b"] },
    });
    const table = listenTable([listen, { ...listen, id: "l_c" }]);
    expect(lengthsOf(table)).toEqual(new Set([2]));
    expect(columnOf(table, "id")).toEqual(["l_a", "l_c"]);
    expect(lengthsOf(listenTable([]))).toEqual(new Set([0]));
  });

  it("has a sale whole: a line each, a row for each of its lines, also of those that repeat", () => {
    const one = sale("a", [line("SKU-1", 250), line("SKU-1", 250)]);
    expect(JSON.parse(saleLineOf(one))).toMatchObject({
      ...{ id: "a", businessDay: "2026-11-20", lines: one.lines, cards: one.cards },
    });
    const table = saleTable([one, sale("b", [])]);
    expect(lengthsOf(table)).toEqual(new Set([3]));
    expect(columnOf(table, "amount_minor")).toEqual([250, 250, 0]);
    expect(columnOf(table, "card")).toEqual(["card_x", "card_x", "card_x"]);
  });

  it("has a sale's record as it was kept, told whose it is, digit by digit", () => {
    const part: ExportPart<SaleFact> = {
      ...{ member: "m_1", things: new Map(), begun: [] },
      pieces: [{ thing: "a", record: "a", column: "raw", json: '{"n":12345678901234567890}' }],
      best: { heart_rate: new Set(), track: new Set() },
    };
    const originals = saleTakeaway.files.find(({ stem }) => stem === "originals");
    expect(originals?.write(part)).toEqual({
      lines: ['{"sale":"a","record":"a","column":"raw","value":{"n":12345678901234567890}}'],
    });
  });

  it("keeps of a sale that is written down what the rest of it needs, and not its lines", () => {
    const { rest, id, facts } = saleTakeaway;
    const left = rest(sale("a", [line("SKU-1", 250)]));
    expect([id(left), facts(left), left.lines]).toEqual(["a", ["a"], []]);
  });
});

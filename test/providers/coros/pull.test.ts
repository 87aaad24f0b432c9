import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { msPerDay, offsetMinutesMax } from "../../../domain/time.ts";
import { coros } from "../../../providers/coros.ts";
import { isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import { replied } from "../replied.ts";
import { receivedMs, run, startMs, startTime } from "./said.ts";

const provider: Provider = coros;
const { pull } = coros;

function read(item: unknown) {
  const draft = provider.normalise("sport", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("what is asked", () => {
  const path = "/v2/coros/sport/list";
  const step = (fromMs: number, toMs: number) => ({ collection: "sport", fromMs, toMs });
  const nowMs = Date.UTC(2026, 10, 21, 23, 59);

  it("is the days of a window with one more on each side", () => {
    expect(pull.list(step(startMs, startMs + msPerDay), null)).toEqual({
      path,
      query: { startDate: "20261113", endDate: "20261116" },
    });
  });

  const isOneCall = (read: ReturnType<typeof step>) => {
    const { startDate = "", endDate = "" } = pull.list(read, null).query;
    expect(datesIn(startDate, endDate)).toBeLessThanOrEqual(30);
    const value = { items: [], next: null };
    expect(pull.page(replied({ body: list([]) }), read, null)).toEqual({ ok: true, value });
  };

  it("is one call for what came lately, at any hour, though that ends on the clock furthest ahead", () => {
    for (let hour = 0; hour < 24; hour++) {
      const atMs = Date.UTC(2026, 10, 21, hour, 59);
      isOneCall(step(atMs - coros.habit.rereadMs, atMs + offsetMinutesMax * 60_000));
    }
  });

  it("is one call for each step of history", () => {
    for (const toMs of [nowMs, nowMs + 60_000, Date.UTC(2026, 2, 1)])
      isOneCall(step(toMs - coros.backfill.stepDays * msPerDay, toMs));
  });

  it("never reaches further back than three months, wherever it is which day", () => {
    // The shortest three months of any year: February, March and April.
    const toMs = Date.UTC(2026, 4, 1);
    const oldest = step(toMs - coros.backfill.days * msPerDay, toMs - 81 * msPerDay);
    expect(Number(pull.list(oldest, null).query.startDate)).toBeGreaterThanOrEqual(20260201);
  });

  it("of a wider window is so many days at a time, the newest first, none left out or twice", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 86_399 }),
        (days, s) => {
          const wide = step(nowMs - s * 1000 - days * msPerDay, nowMs);
          let cursor: string | null = null;
          let before: string | null = null;
          const first = pull.list(wide, null).query.endDate ?? "";
          let last = first;
          for (let i = 0; i < 20; i++) {
            const { startDate = "", endDate = "" }: Record<string, string> = pull.list(
              wide,
              cursor,
            ).query;
            expect(datesIn(startDate, endDate)).toBeLessThanOrEqual(30);
            if (before !== null) expect(datesIn(endDate, before)).toBe(2);
            [before, last] = [startDate, startDate];
            const page = pull.page(replied({ body: list([]) }), wide, cursor);
            if (!page.ok) throw new Error(page.error);
            cursor = page.value.next;
            if (cursor === null) break;
          }
          const oldest = pull.list({ ...wide, toMs: wide.fromMs }, null).query.startDate;
          expect([cursor, last]).toEqual([null, oldest]);
        },
      ),
    );
  });

  it("of a wider window goes on nowhere when nobody says what was asked", () => {
    const page = pull.page(replied({ body: list([]) }), step(0, nowMs));
    expect(page).toEqual({ ok: true, value: { items: [], next: null } });
  });

  it("is never for one record: nothing can be found to be gone", () => {
    const one = pull.one("sport", run.labelId);
    expect(one).toEqual({ path: "/coros/bindState", query: {} });
    expect(JSON.stringify(one)).not.toContain(run.labelId);
    expect(pull.listedDays).toBe(0);
    fc.assert(
      fc.property(
        fc.constantFrom(200, 204, 400, 401, 403, 404, 410, 429, 500),
        fc.constantFrom("", "{}", list([]), '{"result":"5006"}', '{"result":"4040"}', "<html>"),
        fc.constantFrom(null, step(0, nowMs)),
        (status, body, of) => {
          const page = pull.page(replied({ status, body }), of, null);
          return page.ok ? of !== null : page.error !== "gone";
        },
      ),
    );
    const answer = { result: "0000", message: "OK", data: { bindState: 1 } };
    expect(pull.page(replied({ body: JSON.stringify(answer) }), null)).toEqual({
      ok: false,
      error: "refused",
    });
  });
});

const datesIn = (first: string, last: string): number =>
  (dayOf(last) - dayOf(first)) / msPerDay + 1;
const dayOf = (date: string): number =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6)));
const list = (data: unknown) => JSON.stringify({ result: "0000", message: "OK", data });

/** Behind the first stretch and in it. */
const twice = (error: string) =>
  [
    { ok: false, error },
    { ok: false, error },
  ] as const;

describe("an answer", () => {
  const step = { collection: "sport", fromMs: startMs, toMs: startMs + msPerDay };
  const page = (body: string, over: Partial<ProviderReply> = {}) =>
    pull.page(replied({ body, ...over }), step, null);

  it("keeps two records apart that JSON would take for one", () => {
    const text = `{"result":"0000","message":"OK","data":[${[
      "418173315956375999",
      "418173315956376001",
    ]
      .map(
        (id) => `{"labelId":${id},"mode":8,"startTime":${startTime},"endTime":${startTime + 60}}`,
      )
      .join(",")}]}`;
    const answered = page(text);
    const items = answered.ok ? answered.value.items : [];
    expect(items.map((item) => read(item).sourceId)).toEqual([
      "418173315956375999",
      "418173315956376001",
    ]);
  });

  it("holds the same record every time, though the address of its file is another", () => {
    const at = (fitUrl: string) => {
      const parts = [
        { mode: 10, subMode: 1, fitUrl },
        { mode: 9, subMode: 1 },
      ];
      const multi = { ...run, fitUrl, mode: 13, subMode: 1, triathlonItemList: parts };
      return page(list([{ ...run, fitUrl }, multi, null, 7]));
    };
    const once = at("https://oss.coros.com/fit/a.fit?Expires=1&Signature=x");
    expect(at("https://oss.coros.com/fit/a.fit?Expires=2&Signature=y")).toEqual(once);
    expect(once.ok && once.value.items).toHaveLength(4);
    expect(JSON.stringify(once)).not.toContain("Signature");
  });

  it.each<[string, Partial<ProviderReply>, string]>([
    ["of no result", { body: '{"data":[]}' }, "broken"],
    ["of no list", { body: list({}) }, "broken"],
    ["of a text for a list", { body: list("") }, "broken"],
    ["of an inherited code", { body: '{"result":"constructor","data":[]}' }, "broken"],
    ["5006", { body: '{"result":"5006","data":[]}' }, "reconnect"],
    ["5016", { body: '{"result":"5016"}' }, "again"],
    ["30009", { body: '{"result":"30009"}' }, "refused"],
    ["cut short", { complete: false, fault: "cut-short", body: "" }, "again"],
    ["429", { status: 429 }, "again"],
    ["502", { status: 502, body: "<html>" }, "again"],
    ["404", { status: 404, body: "" }, "broken"],
    ["400", { status: 400, body: "{}" }, "refused"],
    ["of no body", { status: 204, body: "" }, "broken"],
  ])("%s is a fault", (_, over, error) => {
    expect(page("{}", over)).toEqual({ ok: false, error });
  });

  it("of nothing may have no data", () => {
    for (const body of [list(null), list([]), '{"result":"0000","message":"OK"}'])
      expect(page(body)).toEqual({ ok: true, value: { items: [], next: null } });
  });

  describe("that refuses", () => {
    const wide = { ...step, fromMs: startMs - 80 * msPerDay };
    const older = pull.page(replied({ body: list([]) }), wide, null);
    const cursor = older.ok ? older.value.next : null;
    const over = { ok: true, value: { items: [], next: null } };
    const broken = { ok: false, error: "broken" };
    const refused = { ok: false, error: "refused" };

    it.each<[string, Partial<ProviderReply>, object, object]>([
      ["by a code that nobody documents", { body: '{"result":"1001"}' }, over, broken],
      ["by a request that is no good", { status: 400, body: "{}" }, over, refused],
      ["so, in no words", { status: 400, body: "" }, over, refused],
      ["so, with a code", { status: 400, body: '{"result":"1001"}' }, over, refused],
      // None of these says anything of how far back it was.
      ["a token", { body: '{"result":"5006"}' }, ...twice("reconnect")],
      ["for now", { body: '{"result":"5016"}' }, ...twice("again")],
      ["a permission", { body: '{"result":"30009"}' }, ...twice("refused")],
      ["by 403", { status: 403, body: "{}" }, ...twice("refused")],
      ["by 404", { status: 404, body: "" }, ...twice("broken")],
      ["by 429", { status: 429 }, ...twice("again")],
      ["by 500 and a code", { status: 500, body: '{"result":"1001"}' }, ...twice("again")],
      ["by what is no answer of COROS's", { status: 400, body: "<html>" }, over, broken],
      ["in no form", { body: "{}" }, ...twice("broken")],
      [
        "by half a code",
        { body: '{"result":"1001"', fault: "cut-short", complete: false },
        ...twice("again"),
      ],
    ])("%s ends a list only behind its first stretch", (_, reply, behind, first) => {
      expect(cursor).not.toBeNull();
      expect(pull.page(replied(reply), wide, cursor)).toEqual(behind);
      expect(pull.page(replied(reply), wide, null)).toEqual(first);
      expect(pull.page(replied(reply), wide)).toEqual(first);
    });
  });

  it("says whose an item is only where it does", () => {
    expect(pull.accountIn?.({ ...run, openId: "anna" })).toBe("anna");
    for (const item of [run, { ...run, openId: 7 }, null, "anna"])
      expect(pull.accountIn?.(item)).toBeNull();
  });

  describe("with a multisport", () => {
    const part = (mode: number, from: number, to: number) => ({
      mode,
      subMode: 1,
      startTime: startTime + from,
      endTime: startTime + to,
      distance: 1_000,
    });
    const whole = {
      ...run,
      openId: "anna",
      mode: 13,
      subMode: 1,
      triathlonItemList: [part(10, 0, 900), part(9, 960, 2_700), part(8, 2_760, 3_725)],
    };
    const sourceIds = (item: unknown) => {
      const answered = page(list([item]));
      if (!answered.ok) throw new Error(answered.error);
      return answered.value.items.map((one) => read(one).sourceId);
    };

    it("is one record by its own id, whatever its parts say, then or later", () => {
      const label = ["418173315956375999"];
      const [first, ...rest] = whole.triathlonItemList;
      for (const triathlonItemList of [
        whole.triathlonItemList,
        [{ ...first, endTime: undefined }, ...rest],
        [null, ...rest],
        [],
        undefined,
        "three",
      ])
        for (const subMode of [1, 2, 3, 4, undefined])
          expect(sourceIds({ ...whole, subMode, triathlonItemList })).toEqual(label);
      const answered = page(list([whole]));
      const [item] = answered.ok ? answered.value.items : [];
      expect(read(item).fields).toMatchObject({ type: "other", elapsedMs: 3_725_000 });
      expect(pull.accountIn?.(item)).toBe("anna");
    });
  });
});

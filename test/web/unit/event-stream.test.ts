/** Server-sent events, however the network cuts them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventsIn } from "../../../web/api/event-stream.ts";
import { type Connection, merged } from "../../../web/api/sync-status.ts";

const text =
  'retry: 3000\n\nid: 7\nevent: connection\ndata: {"id":"c1"}\n\n: still here\n\nid: 9\nevent: ended\ndata: {"id":"c2"}\n\n';
const said = [
  { event: "connection", data: '{"id":"c1"}' },
  { event: "ended", data: '{"id":"c2"}' },
];

describe("a stream of events", () => {
  it("says every event once, with the newest id and how long to wait", () => {
    expect(eventsIn(text)).toEqual({ events: said, lastId: "9", retryMs: 3000, rest: "" });
  });

  it("is the same however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        let rest = "";
        const events = at.slice(1).flatMap((end, i) => {
          const heard = eventsIn(rest + text.slice(at[i], end));
          rest = heard.rest;
          return heard.events;
        });
        expect(events).toEqual(said);
        expect(rest).toBe("");
      }),
    );
  });

  it("reads what others may write: other line ends, data over lines, no name", () => {
    const { events } = eventsIn("data: a\r\ndata:b\r\n\r\nevent: x\n\n");
    expect(events).toEqual([{ event: "message", data: "a\nb" }]);
  });

  it("refuses an event that never ends", () => {
    expect(() => eventsIn(`data: ${"x".repeat(1_000_001)}`)).toThrow(RangeError);
  });
});

describe("what is heard of a connection", () => {
  const one = (id: string, status: string) => ({ id, status }) as unknown as Connection;
  const list = {
    items: [one("c1", "connected"), one("c2", "connected")],
    next: null,
    refusedClaims: [],
  };

  it("takes the place of what was known of it", () => {
    const { items } = merged(list, "connection", one("c1", "behind"));
    expect(items).toEqual([one("c1", "behind"), one("c2", "connected")]);
  });

  it("is added when it is new, and gone when it has ended", () => {
    const more = merged(list, "connection", one("c3", "syncing"));
    expect(more.items.map(({ id }) => id)).toEqual(["c1", "c2", "c3"]);
    expect(merged(more, "ended", one("c1", "")).items.map(({ id }) => id)).toEqual(["c2", "c3"]);
  });
});

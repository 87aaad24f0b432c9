/** The signed door for listens: what an entry becomes, and that what is deleted stays so. */
import { describe, expect, it } from "vitest";
import { contentRevision } from "../../domain/listens/names.ts";
import { isFinal } from "../../domain/stream.ts";
import { listenWebhooks } from "../../providers/listen-webhooks.ts";
import { standardWebhooks } from "../../providers/standard-webhooks.ts";
import { keepsToTheSchema, playedOf, receivedMs } from "./listens/drafts.ts";

const listen = (over: object = {}) => ({
  id: "play-81",
  listenedAt: "2026-11-14T09:00:00+01:00",
  artist: "Kraftwerk",
  track: "The Model",
  ...over,
});
const full = listen({
  release: "The Man-Machine",
  recording: "isrc:GBAYE7800164",
  durationSeconds: 218.5,
  playedSeconds: 200,
  territory: "DE",
});
const read = (entry: object, sender: string | null = null) =>
  playedOf(listenWebhooks, "listen", { sender, listen: entry }, "US");
const event = (type: string, data: object) =>
  listenWebhooks.parse(JSON.stringify({ type, data: { account: "u-7", ...data } }));

describe("an entry", () => {
  it("is what it says, and where: a sender's own country is not the listener's", () => {
    expect(read(full).fields).toEqual({
      at: Date.UTC(2026, 10, 14, 8),
      ...{ artist: "Kraftwerk", track: "The Model", release: "The Man-Machine" },
      ...{ artistKey: "kraftwerk", trackKey: "the model", recording: "isrc:GBAYE7800164" },
      ...{ durationMs: 218_500, playedMs: 200_000, territory: "DE", precisionMs: 1000 },
    });
    expect(read(listen()).fields.territory).toBe("ZZ");
  });

  it("is named by its id within its sender", () => {
    const ids = [read(listen()), read(listen(), "player"), read(listen({ id: 81 }))];
    expect(new Set(ids.map(({ sourceId }) => sourceId)).size).toBe(3);
    expect(read(listen({ artist: "Somebody Else" })).sourceId).toBe("play-81");
  });
});

describe("a deletion", () => {
  it("comes after every statement there could be, and is of the same identity", () => {
    const item = { sender: "player", deleted: "play-81" };
    const draft = listenWebhooks.normalise("deleted", item, receivedMs);
    if (!draft.ok) throw new Error(draft.error);
    const { sourceId, revision } = draft.value;
    expect(draft.value).toHaveProperty("retracted", true);
    expect(sourceId).toBe(read(full, "player").sourceId);
    expect(isFinal(revision ?? 0)).toBe(true);
    expect(revision).toBeGreaterThan(read(full).revision ?? 0);
    const fields = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`field${i}`, i]));
    expect(revision).toBeGreaterThan(contentRevision(fields));
  });

  it("may stand in an event of a thousand, and of no more", () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => i);
    expect(event("listens.deleted", { ids })).toEqual({ ok: false, error: "not-understood" });
    const most = event("listens.deleted", { ids: ids.slice(1) });
    expect(most.ok && most.value.items.length).toBe(1_000);
  });
});

describe("the door", () => {
  it("links and ends accounts as the one for workouts does", () => {
    for (const [type, data] of [
      ["account.linked", { reference: "a word" }],
      ["account.ended", { why: "permission-withdrawn" }],
      ["account.ended", { why: "bored" }],
      ["account.linked", {}],
    ] as const) {
      const body = JSON.stringify({ type, data: { account: "u-7", ...data } });
      expect(listenWebhooks.parse(body)).toEqual(standardWebhooks.parse(body));
    }
    expect(listenWebhooks.signature).toBe(standardWebhooks.signature);
  });

  it("takes no workouts, and the other no listens: counted, and answered as received", () => {
    expect(event("workouts.upserted", { workouts: [{}] })).toMatchObject({ value: { unknown: 1 } });
    const listens = JSON.stringify({ type: "listens.submitted", data: { account: "u-7" } });
    expect(standardWebhooks.parse(listens)).toMatchObject({ ok: true, value: { unknown: 1 } });
  });
});

it("whatever comes is refused or stands within the schema", () => {
  keepsToTheSchema(listenWebhooks, {
    listen: { sender: "player", listen: full },
    deleted: { sender: null, deleted: "play-81" },
  });
});

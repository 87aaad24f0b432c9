/** Pings, and what lies where they point: summaries and details as JSON, and activity files. */

import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ProviderReply } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { accept } from "../../kernel/accept.ts";
import { garmin } from "../../providers/garmin.ts";
import { type Draft, isRetractedDraft } from "../../providers/provider.ts";
import { fitOf, gpxOf, ride, session, tcxOf } from "../fakes/activity-files.ts";
import { fitFile } from "../fakes/fit-file.ts";
import { MemoryWorld } from "../kernel/memory-world.ts";

const started = ride.startMs / 1000;
const receivedMs = ride.startMs + 86_400_000;
const rest = "https://apis.garmin.com/wellness-api/rest/";
const urlOf = (type: string) =>
  `${rest}${type}?uploadStartTimeInSeconds=${started}&uploadEndTimeInSeconds=${started + 60}&token=T`;
const { callbacks } = garmin;

const summary = {
  summaryId: "21047282990",
  activityId: 21_047_282_990,
  activityName: "Morning ride",
  activityType: "ROAD_BIKING",
  startTimeInSeconds: started,
  startTimeOffsetInSeconds: 7200,
  durationInSeconds: ride.timerS,
  distanceInMeters: ride.distanceM,
  deviceName: "fenix 5",
};
const fileEntry = {
  userId: "account-a",
  summaryId: "21047282990-file",
  fileType: "FIT",
  callbackURL: `${rest}activityFile?id=21047282990&token=T`,
  startTimeInSeconds: started,
  activityId: 21_047_282_990,
  manual: false,
};

const delivered = (body: unknown) => {
  const parsed = garmin.parse(JSON.stringify(body));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const reply = (over: Partial<ProviderReply> = {}): ProviderReply => ({
  status: 200,
  body: "",
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
  about: { account: "account-a", summaryId: "21047282990", fileType: "FIT" },
  ...over,
});
const readIn = async (collection: string, over: Partial<ProviderReply>) =>
  callbacks.read(collection, reply(over), receivedMs);
async function found(collection: string, over: Partial<ProviderReply>) {
  const read = await readIn(collection, over);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}
const ofFile = (bytes: Uint8Array) => found("activityFiles", { bytes });
const full = (draft: Draft | undefined) => {
  if (draft === undefined || isRetractedDraft(draft)) throw new Error("no draft");
  return draft;
};

describe("a ping", () => {
  it("says where the data of an account lies, and when it came", () => {
    const entry = { userId: "account-a", callbackURL: urlOf("activities") };
    expect(delivered({ activities: [entry] })).toEqual({
      items: [],
      notices: [
        {
          account: "account-a",
          collection: "activities",
          fromMs: ride.startMs,
          toMs: ride.startMs + 60_000,
          gone: null,
          callback: { url: urlOf("activities"), about: { account: "account-a" } },
        },
      ],
      claims: [],
      unknown: 0,
    });
  });

  it("stands beside data, for several accounts and kinds", () => {
    const { items, notices, claims, later, unknown } = delivered({
      activities: [
        { ...summary, userId: "account-a" },
        { userId: "account-b", callbackURL: urlOf("activities") },
      ],
      activityDetails: [{ userId: "account-c", callbackURL: urlOf("activityDetails") }],
      manuallyUpdatedActivities: [
        { userId: "account-a", callbackURL: urlOf("manuallyUpdatedActivities") },
      ],
      activityFiles: [fileEntry, { ...fileEntry, userId: "account-b" }],
      sleeps: [{ userId: "account-a", callbackURL: urlOf("sleeps") }],
      deregistrations: [{ userId: "account-c" }],
    });
    expect(items.map((i) => [i.account, i.kind])).toEqual([["account-a", "activities"]]);
    expect(notices.map((n) => [n.account, n.collection])).toEqual([
      ["account-b", "activities"],
      ["account-c", "activityDetails"],
      ["account-a", "manuallyUpdatedActivities"],
      ["account-a", "activityFiles"],
      ["account-b", "activityFiles"],
    ]);
    expect(claims).toEqual([{ account: "account-c", claim: "deregistered" }]);
    const about = { account: "account-a" };
    expect(later).toMatchObject({
      items: [],
      notices: [
        { account: "account-a", collection: "sleeps", callback: { url: urlOf("sleeps"), about } },
      ],
    });
    expect(unknown).toBe(0);
  });

  it("of a file says what it is a file of, in all its spellings", () => {
    const named = (over: object) => delivered({ activityFiles: [{ ...fileEntry, ...over }] });
    const expected = {
      collection: "activityFiles",
      fromMs: ride.startMs,
      toMs: ride.startMs,
      callback: {
        url: fileEntry.callbackURL,
        about: { account: "account-a", summaryId: "21047282990", fileType: "FIT" },
      },
    };
    for (const over of [{}, { summaryId: "21047282990" }, { summaryId: undefined }])
      expect(named(over).notices).toMatchObject([expected]);
    const unnamed = named({ summaryId: undefined, activityId: undefined });
    expect(unnamed).toMatchObject({ notices: [], unknown: 1 });
  });

  it("with an address that is not Garmin's is counted and never handed on", () => {
    const addresses = ["http://127.0.0.1/", "https://evil.test/wellness-api/rest/x", "", 7, null];
    for (const callbackURL of addresses)
      for (const [type, entry] of [
        ["activities", { userId: "a" }],
        ["activityFiles", fileEntry],
      ] as const)
        expect(delivered({ [type]: [{ ...entry, callbackURL }] })).toEqual({
          items: [],
          notices: [],
          claims: [],
          unknown: 1,
        });
  });

  it("with anything in its other fields is counted once", () => {
    const other = fc.record(
      {
        uploadStartTimeInSeconds: fc.jsonValue(),
        uploadEndTimeInSeconds: fc.jsonValue(),
        summaryId: fc.jsonValue(),
        fileType: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom("activities", "activityFiles"), other, (type, over) => {
        const entry = { userId: "a", callbackURL: urlOf("x"), activityId: 7, ...over };
        const { notices, unknown } = delivered({ [type]: [entry] });
        expect([notices.length, unknown]).toEqual([1, 0]);
        const { fromMs = -1, toMs = -1, callback } = notices[0] ?? {};
        expect(Number.isSafeInteger(fromMs) && fromMs >= 0 && toMs >= fromMs).toBe(true);
        for (const said of Object.values(callback?.about ?? {})) expect(typeof said).toBe("string");
      }),
    );
  });
});

describe("what lies there", () => {
  it("is JSON, or for a file bytes", () => {
    const kinds = ["activities", "activityDetails", "manuallyUpdatedActivities", "activityFiles"];
    expect(kinds.map((kind) => callbacks.as(kind))).toEqual(["json", "json", "json", "bytes"]);
  });

  it("reads as if it had been pushed, in either form", async () => {
    const pushed = garmin.normalise("activities", summary, receivedMs);
    const forms = [[summary], { activities: [summary] }];
    for (const form of forms) {
      const { drafts, bad } = await found("activities", { body: JSON.stringify(form) });
      expect(drafts).toEqual([pushed.ok && pushed.value]);
      expect(bad).toEqual([]);
    }
    const byHand = { manuallyUpdatedActivities: [{ ...summary, manual: true }] };
    const updated = await found("manuallyUpdatedActivities", { body: JSON.stringify(byHand) });
    expect(full(updated.drafts[0])).toMatchObject({ raw: { column: "raw_summary" } });
    const details = [{ summaryId: "21047282990-detail", summary, samples: [] }];
    const detailed = await found("activityDetails", { body: JSON.stringify(details) });
    expect(full(detailed.drafts[0])).toMatchObject({ sourceId: "21047282990" });
  });

  it("may be nothing", async () => {
    const none = { drafts: [], bad: [] };
    expect(await found("activities", { body: "[]" })).toEqual(none);
    expect(await found("activities", { status: 204 })).toEqual(none);
  });

  it("loses no good entry to a bad one, which is kept with its reason", async () => {
    const wrong = { ...summary, durationInSeconds: 0 };
    const { drafts, bad } = await found("activities", {
      body: JSON.stringify([wrong, summary, 7]),
    });
    expect(drafts).toHaveLength(1);
    expect(bad).toEqual([
      { reason: "no-duration", body: wrong },
      { reason: "not-an-object", body: 7 },
    ]);
    expect(garmin.normalise("activities", wrong, receivedMs)).toMatchObject({
      error: "no-duration",
    });
  });

  it("is not taken at all when any of it is another account's", async () => {
    const others = [summary, { ...summary, userId: "account-b" }];
    expect(await readIn("activities", { body: JSON.stringify(others) })).toMatchObject({
      error: "broken",
    });
    const own = [summary, { ...summary, userId: "account-a" }];
    expect((await found("activities", { body: JSON.stringify(own) })).drafts).toHaveLength(2);
  });

  it.each<[Partial<ProviderReply>, string]>([
    [{ status: 401 }, "reconnect"],
    [{ status: 403 }, "refused"],
    [{ status: 412 }, "refused"],
    [{ status: 404 }, "gone"],
    [{ status: 410 }, "gone"],
    [{ status: 429 }, "again"],
    [{ status: 500 }, "again"],
    [{ status: 0, complete: false, fault: "timeout" }, "again"],
    [{ status: 0, complete: false, fault: "network" }, "again"],
    [{ complete: false, fault: "cut-short" }, "again"],
    [{ complete: false, fault: "too-large" }, "broken"],
    [{ complete: false, fault: "wrong-type" }, "broken"],
    [{ status: 302, complete: false, fault: "redirect" }, "broken"],
    [{ body: '{"sleeps":[]}' }, "broken"],
    [{ body: "null" }, "broken"],
    [{ body: "" }, "broken"],
  ])("%o is %s", async (over, error) => {
    expect(await readIn("activities", over)).toEqual({ ok: false, error });
    expect(await readIn("activityFiles", over)).toEqual({ ok: false, error });
  });
});

describe("an activity file", () => {
  it.each([
    ["FIT", fitOf()],
    ["GPX, whatever it was called", new TextEncoder().encode(gpxOf())],
    ["TCX", new TextEncoder().encode(tcxOf())],
    ["a FIT in an archive", zipSync({ "21047282990.fit": fitOf() })],
  ])("%s becomes a record of its own, a copy of the summary", async (_, bytes) => {
    const { drafts, bad } = await ofFile(bytes);
    expect([drafts.length, bad]).toEqual([1, []]);
    const { sourceId, revision, copyOf, fields } = full(drafts[0]);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "21047282990-file",
      revision: null,
      copyOf: { provider: "garmin", sourceId: "21047282990" },
    });
    expect(fields).toMatchObject({ type: "cycling", hasTrack: true, elapsedMs: 1_800_000 });
    expect((fields.track as unknown[]).length).toBeGreaterThan(100);
    expect((fields.heartRate as unknown[]).length).toBeGreaterThan(100);
  });

  it("is taken by the stream, and counts once with its summary", async () => {
    const { facts } = await recorded([
      full((await found("activities", { body: JSON.stringify([summary]) })).drafts[0]),
      full((await ofFile(fitOf())).drafts[0]),
    ]);
    expect(facts).toHaveLength(2);
    const resolved = workouts.resolve?.of(facts, noSettings, []) ?? [];
    expect(resolved).toHaveLength(1);
    expect(resolved[0]?.joined.map((reason) => reason.rule)).toEqual(["copy"]);
    expect(resolved[0]?.distance?.value).toBe(ride.distanceM * 1000);
  });

  it("says the same when it is read again, but for the samples, which it leaves alone", async () => {
    const once = full((await ofFile(fitOf())).drafts[0]);
    const again = garmin.again("raw_file", JSON.parse(once.raw.text));
    const twice = garmin.normalise(again?.kind ?? "", again?.body, receivedMs);
    const { heartRate: _h, track: _t, ...open } = once.fields;
    expect(once.raw.column).toBe("raw_file");
    expect(twice).toEqual({ ok: true, value: { ...once, fields: open } });
    expect(once.raw.text).not.toMatch(/"(heartRate|track)"/);
  });

  it("of which a session cannot be taken is kept whole, and read again from there", async () => {
    const early = { bytes: fitOf() };
    const before = await callbacks.read(
      "activityFiles",
      reply(early),
      ride.startMs - 7 * 86_400_000,
    );
    const [parked] = before.ok ? before.value.bad : [];
    expect(parked?.reason).toBe("start-in-future");
    const again = garmin.normalise(
      "activityFiles",
      JSON.parse(JSON.stringify(parked?.body)),
      receivedMs,
    );
    expect(again).toEqual({ ok: true, value: full((await ofFile(fitOf())).drafts[0]) });
  });

  it("of several sessions is as many records, none of them a copy of the whole", async () => {
    const second = { ...ride, startMs: ride.startMs + 3_600_000, sport: 1 };
    const { drafts } = await ofFile(fitFile([session(ride), session(second)]));
    expect(drafts.map((d) => d.sourceId)).toEqual(["21047282990-file", "21047282990-file-1"]);
    expect(drafts.map((d) => full(d).copyOf)).toEqual([null, null]);
  });

  it.each([
    ["file-empty", new Uint8Array()],
    ["file-unknown-format", new TextEncoder().encode("not found")],
    ["file-truncated", fitOf().slice(0, 20)],
    ["file-nested-archive", zipSync({ "a.zip": zipSync({ "a.fit": fitOf() }) })],
  ])("that cannot be read is kept as %s", async (reason, bytes) => {
    const { drafts, bad } = await ofFile(bytes);
    expect(drafts).toEqual([]);
    expect(bad).toMatchObject([{ reason, body: { summaryId: "21047282990" } }]);
    const parked = JSON.parse(JSON.stringify(bad[0]?.body));
    expect(garmin.normalise("activityFiles", parked, receivedMs)).toEqual({
      ok: false,
      error: reason,
    });
  });

  it("without bytes, or of nothing that was named, is broken", async () => {
    expect(await readIn("activityFiles", {})).toMatchObject({ error: "broken" });
    expect(await readIn("activityFiles", { bytes: fitOf(), about: {} })).toMatchObject({
      error: "broken",
    });
  });

  it("whatever its bytes are, is read to an end", async () => {
    const whole = fitOf();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(whole.length - 1).map((at) => whole.map((byte, i) => (i === at ? byte ^ 0xff : byte))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (any) => {
        const { drafts, bad } = await ofFile(any);
        expect(drafts.length + bad.length).toBeGreaterThan(0);
        for (const { reason } of bad) expect(reason).toMatch(/^[a-z-]+$/);
      }),
      { numRuns: 60 },
    );
  });

  it("whatever is in its item, is read or refused", () => {
    const item = fc.record({
      summaryId: fc.jsonValue(),
      index: fc.jsonValue(),
      of: fc.jsonValue(),
      fault: fc.jsonValue(),
      session: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), item), (any) => {
        const read = garmin.normalise("activityFiles", any, receivedMs);
        return read.ok || /^[a-z-]+$/.test(read.error);
      }),
    );
  });
});

/** Through the kernel, as what a connection hands over. */
async function recorded(drafts: readonly Draft[]) {
  const world = new MemoryWorld();
  const origin = {
    member: "m_1" as MemberId,
    connection: "c_1" as ConnectionId,
    provider: "garmin",
    account: "hash",
  };
  const outcomes = await accept(world.ports, workouts, origin, drafts, [], () => "");
  expect(outcomes).toEqual(drafts.map(() => "new"));
  const facts = world.toLedger.flatMap((text) => JSON.parse(text));
  return { facts };
}

/** My data in words: what pages say of consents, entries, receipts, devices, ways back from a provider. */
import { describe, expect, it } from "vitest";
import type { AccessEntry, Consent } from "../../../web/api/schema.d.ts";
import { isGranted } from "../../../web/pages/data/connection-words.ts";
import { firstHolding, granteeWords, standingOf } from "../../../web/pages/data/consent-words.ts";
import { inOrder, moved, remadeWords } from "../../../web/pages/data/device-words.ts";
import { fileWords } from "../../../web/pages/data/export-words.ts";
import { groundWords, outcomeBadge } from "../../../web/pages/data/log-words.ts";
import { linesOf } from "../../../web/pages/data/rest.ts";
import { shareStanding, usualSpan, wrongSpan } from "../../../web/pages/data/share-words.ts";
import { wayBack } from "../../../web/pages/data/way-back.ts";
import { zonesOf } from "../../../web/pages/data/zones-draft.ts";
import type { Device } from "../../../web/readings/device-names.ts";
import { pendingWords, stepWords } from "../../../web/receipts/receipt-words.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const open = { from: null, until: null, revoked: null };

describe("a consent", () => {
  it("holds, is to come, is over or taken back", () => {
    expect(standingOf(open, nowMs)).toBe("holds");
    expect(standingOf({ ...open, from: "2026-11-23T00:00:00Z" }, nowMs)).toBe("coming");
    expect(standingOf({ ...open, until: "2026-11-21T00:00:00Z" }, nowMs)).toBe("over");
    expect(standingOf({ ...open, revoked: "2026-11-21T00:00:00Z" }, nowMs)).toBe("revoked");
  });

  it("is listed by whether it holds, then the newest first", () => {
    const one = (id: string, granted: string, revoked: string | null = null) =>
      ({ ...open, id, granted, revoked }) as unknown as Consent;
    const order = firstHolding(
      [one("gone", "2026-11-20", "2026-11-21"), one("old", "2026-01-01"), one("new", "2026-11-01")],
      nowMs,
    );
    expect(order.map(({ id }) => id)).toEqual(["new", "old", "gone"]);
  });

  it("names whoever is known, and of others the id", () => {
    const names = new Map([["m_1", "Carla"]]);
    expect(granteeWords({ member: "m_1" }, names)).toBe("Carla");
    expect(granteeWords({ member: "m_2" }, names)).toBe("Member m_2");
    expect(granteeWords({ role: "coach" }, names)).toBe("All coaches");
  });
});

describe("an entry of the log", () => {
  const entry = (part: Partial<AccessEntry>) =>
    ({
      ...{ ground: "own", outcome: "permitted", action: "view", deed: "read-readings" },
      ...{ who: { id: "m_1", name: null, role: "coach" } },
      ...part,
    }) as AccessEntry;

  it("says on what ground it was done", () => {
    expect(groundWords({ ground: "own" })).toBe("Your own data");
    expect(groundWords({ ground: "A".repeat(22) })).toBe("A consent of yours");
    expect(groundWords({ ground: "share:x" })).toBe("A link that you made");
    expect(groundWords({ ground: "break-glass:x" })).toContain("without your consent");
    expect(groundWords({ ground: "no-consent" })).toBeNull();
  });

  it("marks what others saw, and break-glass above all", () => {
    expect(outcomeBadge(entry({}), "m_1")).toEqual(["Done", "plain"]);
    expect(outcomeBadge(entry({}), "m_2")).toEqual(["Looked", "warn"]);
    expect(outcomeBadge(entry({ ground: "break-glass:1" }), "m_2")).toEqual(["Break-glass", "bad"]);
    expect(outcomeBadge(entry({ outcome: "refused" }), "m_2")).toEqual(["Refused", "good"]);
    expect(outcomeBadge(entry({ outcome: "new" }), "m_2")).toEqual(["new", "plain"]);
  });
});

describe("devices", () => {
  const device = (id: string, kind: Device["kind"]) => ({ id, kind }) as Device;
  const devices = [device("p", "phone"), device("w", "watch"), device("s", "scale")];

  it("stand by kind, unless their member said otherwise for that day", () => {
    const ids = (orders: { from: string | null; devices: string[] }[]) =>
      inOrder({ devices, orders }, "2026-11-22").map(({ id }) => id);
    expect(ids([])).toEqual(["w", "s", "p"]);
    expect(ids([{ from: "2026-11-01", devices: ["p"] }])).toEqual(["p", "w", "s"]);
    expect(ids([{ from: "2026-12-01", devices: ["p"] }])).toEqual(["w", "s", "p"]);
  });

  it("are moved, and nothing else is", () => {
    expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a"], 4, 0)).toEqual(["a"]);
  });

  it("say how many days were made anew and how many are to be", () => {
    expect(remadeWords(0, 0)).toContain("No day");
    expect(remadeWords(1, 0)).toBe("Saved. 1 day was made anew.");
    expect(remadeWords(30, 12)).toContain("12 days before them");
  });
});

describe("a way back from a provider", () => {
  const back = (text: string) => wayBack(new URLSearchParams(text));

  it("is told apart by what the address says", () => {
    expect(back("")).toBeNull();
    expect(back("connection=c1")).toEqual({ kind: "linked" });
    expect(back("code=a&state=b")).toEqual({ kind: "unended", code: "a", state: "b" });
    expect(back("code=a")).toBeNull();
  });

  it("has words for every refusal, also for one that is not known", () => {
    for (const error of ["denied", "conflict", "link-expired", "no-such", "toString"]) {
      const failed = back(`error=${error}`);
      if (failed?.kind !== "failed") throw new Error(error);
      expect(failed.words("Polar")).not.toBe("");
      expect(failed.words("Polar")).not.toContain(error === "no-such" ? error : "undefined");
    }
  });

  it("knows a grant of several scopes as one", () => {
    const scopes = ["read", "activity:read_all"];
    expect(isGranted({ scopes }, "read,activity:read_all")).toBe(true);
    expect(isGranted({ scopes: ["read"] }, "read,activity:read_all")).toBe(false);
    expect(isGranted({ scopes: null }, "read")).toBe(true);
  });
});

describe("receipts, exports, shares and zones", () => {
  it("call each step by words, and one that is not known by its name", () => {
    expect(stepWords("keys")).toBe("Keys were destroyed");
    expect(stepWords("archive-eu")).toBe("The archive was written anew without it (eu)");
    expect(stepWords("some-step")).toBe("Some step");
    expect(pendingWords({ pending: [] })).toBeNull();
    expect(pendingWords({ pending: ["archive", "keys"] })).toContain("the last keys");
  });

  it("call files by what is in them", () => {
    expect(fileWords("readings-0002.parquet")).toBe("Readings of workouts, part 2");
    expect(fileWords("profile-0001.json")).toBe("Profile and settings");
  });

  it("know a link that opens, and days that one can show", () => {
    const share = { revoked: null, expires: "2026-11-23T00:00:00Z" };
    expect(shareStanding(share, nowMs).isOpen).toBe(true);
    expect(shareStanding({ ...share, expires: "2026-11-22T12:00:00Z" }, nowMs).isOpen).toBe(false);
    expect(shareStanding({ ...share, revoked: "2026-11-22T00:00:00Z" }, nowMs).isOpen).toBe(false);
    const { start, end } = usualSpan("2026-11-22");
    expect([start, end]).toEqual(["2026-10-26", "2026-11-22"]);
    expect(wrongSpan(start, end)).toBeNull();
    expect(wrongSpan(end, start)).toContain("before");
    expect([wrongSpan("2025-01-01", "2026-02-04"), wrongSpan("2025-01-01", "2026-02-05")]).toEqual([
      null,
      "At most 400 days.",
    ]);
  });

  it("make numbers of zones that were typed, or none", () => {
    const place = { lat: "52.37", lon: "-4", radiusM: "500" };
    expect(zonesOf({ endsM: "0", places: [place] })).toEqual({
      ...{ endsM: 0, places: [{ lat: 52.37, lon: -4, radiusM: 500 }] },
    });
    expect(zonesOf({ endsM: "", places: [] })).toBeNull();
    expect(zonesOf({ endsM: "200", places: [{ ...place, lat: " " }] })).toBeNull();
  });
});

describe("the overview's lines", () => {
  const none = {
    ...{ connections: undefined, consents: undefined, shares: undefined },
    ...{ exports: undefined, looks: undefined },
  };

  it("never show what is not known as nothing", () => {
    for (const line of linesOf(none, nowMs))
      expect([line.number, line.isNothing]).toEqual(["–", false]);
  });

  it("count whoever opened a link as a look, and nobody who was refused", () => {
    const opened: AccessEntry = {
      ...{ entry: "0/1", at: "2026-11-22T11:00:00Z", sentence: "", proof: "", outcomeProof: null },
      ...{ who: { id: "", name: null, role: "" }, action: "view", deed: "open-share" },
      ...{ columns: [], records: 1, purpose: "", outcome: "permitted", ground: "share:1" },
    };
    const looks = [opened, { ...opened, entry: "0/2", outcome: "refused" }];
    const line = linesOf({ ...none, looks }, nowMs).find(({ path }) => path.endsWith("log"));
    expect(line?.number).toBe("1");
  });

  it("put a broken glass before everything else that holds", () => {
    const notice = { id: "1", operator: "o", reason: "r", at: "2026-11-22T11:00:00Z", until: "" };
    const consents = { items: [], breakGlass: [notice], next: null };
    const line = linesOf({ ...none, consents }, nowMs).find(({ path }) =>
      path.endsWith("consents"),
    );
    expect(line).toMatchObject({ number: "0", isUrgent: true, isNothing: false });
  });
});

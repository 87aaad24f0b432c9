/** What a coach is told that they may see: no column too many, and the refusal instead of what was seen. */
import { describe, expect, it } from "vitest";
import { readableColumns } from "../../../domain/consent.ts";
import { Problem, Unreachable } from "../../../web/api/problem.ts";
import {
  type Entry,
  grantsOf,
  isGranted,
  openedBy,
  purposesOf,
  unnamed,
} from "../../../web/pages/coach/grants.ts";
import { asRefused } from "../../../web/pages/coach/refused.ts";

type Consent = Entry["consents"][number];
const consent = (over: Partial<Consent>): Consent => ({
  ...{ id: "c", version: 1, effect: "permit", grantee: { role: "coach" } },
  ...{ columns: ["heart_rate"], purpose: "coaching", granted: "2026-11-01T00:00:00Z" },
  ...{ from: null, until: null, revoked: null },
  ...over,
});
const entry = (...consents: Consent[]): Entry => ({ member: "m", name: "Ada", consents });

describe("grants", () => {
  it("name every column, those that were not granted too", () => {
    const grants = grantsOf(entry(consent({})));
    expect(grants.map(({ column }) => column)).toEqual(readableColumns);
    expect(grants.filter(isGranted).map(({ column }) => column)).toEqual(["heart_rate"]);
  });

  it("end with the last that opens a column, or never", () => {
    const until = (...ends: (string | null)[]) =>
      grantsOf(entry(...ends.map((end) => consent({ until: end })))).find(isGranted)?.until;
    expect(until("2026-12-01T00:00:00Z", "2026-12-24T00:00:00Z")).toBe("2026-12-24T00:00:00Z");
    expect(until("2026-12-01T00:00:00Z", null)).toBeNull();
  });

  it("open by purpose, and a forbid opens nothing", () => {
    const of = entry(
      consent({ columns: ["track"], purpose: "care" }),
      consent({ columns: ["notes"], effect: "forbid" }),
    );
    expect(purposesOf(of)).toEqual(["care"]);
    expect(openedBy(of, "care")).toEqual(["track"]);
    expect(openedBy(of, "coaching")).toEqual([]);
  });

  it("say whose names could not be opened", () => {
    expect(unnamed([{ name: "Ada" }])).toBeNull();
    expect(unnamed([{ name: null }])).toMatch(/^One name/);
    expect(unnamed([{ name: null }, { name: null }])).toMatch(/^2 names/);
  });
});

describe("a refusal", () => {
  const seen = { data: ["bpm"], dataUpdatedAt: 1, refetch: () => "again" };
  const forbidden = { type: "urn:singlet:problem:forbidden", requestId: "r1" };

  it("takes what was seen before off the page, and says why in words", () => {
    const refused = asRefused({ ...seen, error: new Problem(403, forbidden, null) });
    expect(refused.data).toBeUndefined();
    expect(refused.error?.message).toMatch(/^They do not let you see this any more/);
    expect(refused.error).toMatchObject({ requestId: "r1", name: "forbidden" });
    expect(refused.refetch()).toBe("again");
  });

  it("is no outage: what was seen stays, as of when", () => {
    const away = { ...seen, error: new Unreachable() };
    expect(asRefused(away)).toBe(away);
  });
});

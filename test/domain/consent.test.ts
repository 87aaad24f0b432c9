import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, purposes, type ReadQuestion, readableColumns } from "../../domain/consent.ts";
import type { Consent, Grantee, Role } from "../../domain/ports.ts";

const nowMs = 1_000_000;
const member = "mem_owner";

const roleSets: readonly (readonly Role[])[] = [
  [],
  ["member"],
  ["coach"],
  ["operator"],
  ["auditor"],
  ["member", "coach"],
  ["coach", "auditor"],
];
const questions: ReadQuestion[] = [];
for (const actor of [member, "mem_other"])
  for (const actorRoles of roleSets)
    for (const column of ["heart_rate", "track", "original_type"])
      for (const purpose of ["coaching", "research"])
        questions.push({ actor, actorRoles, member, column, purpose, nowMs });

const grantees: readonly Grantee[] = [
  { kind: "member", id: "mem_other" },
  { kind: "member", id: "mem_third" },
  { kind: "member", id: "coach" },
  { kind: "role", id: "coach" },
  { kind: "role", id: "operator" },
  { kind: "role", id: "member" },
  { kind: "role", id: "auditor" },
  { kind: "role", id: "mem_other" },
];
const consents: Consent[] = [];
for (const grantee of grantees)
  for (const columns of [["heart_rate"], ["track"], [], ["heart_rate", "original_type"]])
    for (const purpose of ["coaching", "care"])
      for (const grantedAtMs of [nowMs - 1, nowMs, nowMs + 1])
        for (const notAfterMs of [null, nowMs - 1, nowMs, nowMs + 1])
          for (const revokedAtMs of [null, nowMs - 1, nowMs])
            consents.push({
              id: `consent-${consents.length}`,
              version: 1,
              grantee,
              columns,
              purpose,
              grantedAtMs,
              notAfterMs,
              revokedAtMs,
            });

/** Every reason to refuse, written down one by one; permitted is what none of them hits. */
function refusals(q: ReadQuestion, c: Consent): string[] {
  const own = q.actor === q.member;
  const all: [string, boolean][] = [
    ["not a column that can be read", !(readableColumns as readonly string[]).includes(q.column)],
    ["an auditor reads nothing", !own && q.actorRoles.includes("auditor")],
    ["another column", !own && c.columns.indexOf(q.column) < 0],
    ["another purpose", !own && c.purpose !== q.purpose],
    ["not yet granted", !own && q.nowMs < c.grantedAtMs],
    ["expired", !own && c.notAfterMs !== null && q.nowMs > c.notAfterMs],
    ["revoked", !own && c.revokedAtMs !== null],
    ["another member", !own && c.grantee.kind === "member" && c.grantee.id !== q.actor],
    [
      "another role",
      !own &&
        c.grantee.kind === "role" &&
        !(q.actorRoles as readonly string[]).includes(c.grantee.id),
    ],
    ["everyone is a member", !own && c.grantee.kind === "role" && c.grantee.id === "member"],
  ];
  return all.filter(([, hits]) => hits).map(([why]) => why);
}

describe("a decision to read", () => {
  test("agrees with the list of refusals for every question and every consent", () => {
    const wrong: unknown[] = [];
    let permitted = 0;
    for (const q of questions)
      for (const c of consents) {
        const { permit } = decide(q, [c]);
        if (permit) permitted++;
        if (permit !== (refusals(q, c).length === 0)) wrong.push({ q, c, permit });
      }
    expect(wrong).toEqual([]);
    expect(permitted).toBeGreaterThan(0);
    expect(permitted).toBeLessThan(questions.length * consents.length);
  });

  test("is no without any consent, and yes for one's own", () => {
    for (const q of questions)
      expect(decide(q, []).permit).toBe(q.actor === member && q.column !== "original_type");
  });

  test("over many consents permits exactly when one alone would, and names such a one", () => {
    const some = fc.array(fc.constantFrom(...consents), { maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...questions), some, (q, list) => {
        const alone = list.filter((c) => decide(q, [c]).permit);
        const decision = decide(q, list);
        if (q.actor === member) expect(decision).toEqual(decide(q, []));
        else if (alone.length === 0) expect(decision.permit).toBe(false);
        else expect(alone.map((c) => c.id)).toContain(decision.ground);
      }),
      { numRuns: 500 },
    );
  });

  test("does not change with the order of the consents", () => {
    const some = fc.shuffledSubarray(consents, { maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...questions), some, (q, list) => {
        expect(decide(q, [...list].reverse()).permit).toBe(decide(q, list).permit);
      }),
    );
  });

  test("says why it refuses, in words that can be logged", () => {
    const ask = (change: Partial<ReadQuestion>) =>
      decide({ ...(questions[0] as ReadQuestion), ...change }, []).ground;
    expect(ask({ column: "glucose" })).toBe("unreadable-column");
    expect(ask({ actor: "mem_other", actorRoles: ["auditor"] })).toBe("role");
    expect(ask({ actor: "mem_other" })).toBe("no-consent");
    expect(ask({})).toBe("own");
  });

  test("knows each purpose and column by one name", () => {
    expect(new Set(purposes).size).toBe(purposes.length);
    expect(new Set(readableColumns).size).toBe(readableColumns.length);
  });
});

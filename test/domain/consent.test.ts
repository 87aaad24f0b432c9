/** The decision to read: against its oracle over all there is, and by its laws over any list. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  breakGlassReasonCharsMax,
  breakGlassReasonCharsMin,
  type Decision,
  decide,
  isBreakGlassReason,
  isReadable,
  isRecordColumn,
  isRestrictedColumn,
  ownColumns,
  purposes,
  readableColumns,
  readPurposes,
  recordColumns,
  sampleColumnOf,
  sampleColumns,
} from "../../domain/consent.ts";
import { metricOf, metrics } from "../../domain/samples/metrics.ts";
import { tries } from "../long.ts";
import {
  type Asked,
  ask,
  columnKinds,
  due,
  edges,
  everything,
  type Glass,
  glassStates,
  type Labelled,
  nowMs,
  open,
  other,
  questions,
  whens,
  written,
} from "./consent-oracle.ts";

const decided = ({ q }: Asked, list: readonly Labelled[], glasses: readonly Glass[]) =>
  decide(
    q,
    list.map(({ consent }) => consent),
    glasses.map(({ glass }) => glass),
  );
const isThroughGlass = (d: Decision) => d.permit && d.breakGlass;
const isSame = (a: Decision, b: Decision) =>
  a.permit === b.permit && a.ground === b.ground && isThroughGlass(a) === isThroughGlass(b);

function counter() {
  const all = new Map<string, { n: number }>();
  const begin = (ground: string) => {
    const count = { n: 0 };
    all.set(ground, count);
    return count;
  };
  return { all, of: (ground: string) => all.get(ground) ?? begin(ground) };
}

/** Counts the answers of a product by kind, and keeps the first few that are not as due. */
function tally() {
  const wrong: unknown[] = [];
  /** How often by ground: refused, permitted, permitted through break-glass. */
  const grounds = [counter(), counter(), counter()] as const;
  /** For what is asked of the same consents ten thousand times. */
  const checking = (list: readonly Labelled[], glasses: readonly Glass[]) => {
    const [consents, broken] = [list.map((l) => l.consent), glasses.map((g) => g.glass)];
    return (asked: Asked): void => {
      const is = decide(asked.q, consents, broken);
      grounds[is.permit ? (is.breakGlass ? 2 : 1) : 0].of(is.ground).n++;
      if (!isSame(is, due(asked, list, glasses)) && wrong.length < 5)
        wrong.push({ asked, list, glasses, is });
    };
  };
  const check = (asked: Asked, list: readonly Labelled[], glasses: readonly Glass[]) =>
    checking(list, glasses)(asked);
  const seen = () =>
    Object.fromEntries(
      grounds.flatMap((counts, i) =>
        [...counts.all].map(([ground, { n }]) => [`${i > 0} ${ground} ${i === 2}`, n] as const),
      ),
    );
  return { wrong, seen, check, checking };
}

describe("a decision to read, over everything there is,", () => {
  const every = written(["permit", "forbid"], whens);

  test("is as due for every question and every consent", () => {
    const { wrong, seen, checking } = tally();
    for (const one of every) questions.forEach(checking([one], []));
    expect(wrong).toEqual([]);
    expect(Object.keys(seen()).sort()).toEqual([
      "false a-forbid false",
      "false no-consent false",
      "false role false",
      "false unreadable-column false",
      "true a-permit false",
      "true own false",
    ]);
  });

  test("is as due for every column, purpose and set of roles without any consent", () => {
    const { wrong, check } = tally();
    for (const asked of everything) check(asked, [], []);
    expect(wrong).toEqual([]);
    for (const asked of everything)
      expect(decided(asked, [], []).permit).toBe(asked.own && asked.kind !== "unknown");
  });

  test("is as due for every pair of a permit and a forbid, in both orders", () => {
    const { wrong, seen, checking } = tally();
    const near = ({ means, consent: { grantee, columns } }: Labelled) =>
      columns.length > 0 && (means !== "nobody" || grantee.id === "m_third");
    const [permits, forbids] = [written(["permit"], edges), written(["forbid"], edges)];
    const asked = ask(["heart_rate"], ["coaching", "emergency"]).filter(({ own }) => !own);
    for (const permit of permits.filter(near))
      for (const forbid of forbids.filter(near)) {
        asked.forEach(checking([permit, forbid], []));
        asked.forEach(checking([forbid, permit], []));
      }
    expect(wrong).toEqual([]);
    expect(seen()["false a-forbid false"]).toBeGreaterThan(0);
    expect(seen()["true a-permit false"]).toBeGreaterThan(0);
  });

  test("is as due for every state of a break-glass, whatever was consented to", () => {
    const { wrong, seen, checking } = tally();
    const [permit, forbid] = [open("permit"), open("forbid")];
    for (const glass of glassStates)
      for (const list of [[], [permit], [forbid], [permit, forbid]])
        everything.forEach(checking(list, [glass]));
    expect(wrong).toEqual([]);
    expect(seen()["true break-glass:glass true"]).toBeGreaterThan(0);
  });

  test("is as due for every pair of break-glasses", () => {
    const { wrong, checking } = tally();
    const second = glassStates.map((g) => ({ ...g, glass: { ...g.glass, id: "another" } }));
    const asked = ask(["heart_rate"], ["coaching", "emergency"]);
    for (const one of glassStates)
      for (const two of second) asked.forEach(checking([], [one, two]));
    expect(wrong).toEqual([]);
  });
});

describe("a decision to read, over any list,", () => {
  const edgy = written(["permit", "forbid"], edges);
  const near = edgy.filter(({ holds, means, consent: { columns, purpose } }) => {
    return holds && means !== "nobody" && columns.length > 0 && purpose === "coaching";
  });
  const one = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...near) },
    fc.constantFrom(...edgy),
  );
  const named = (list: readonly Labelled[], ids: readonly string[]) =>
    list.map((item, i) => ({ ...item, consent: { ...item.consent, id: ids[i] ?? "" } }));
  const ids = fc.uniqueArray(fc.stringMatching(/^[\w-]{1,4}$/), { minLength: 9, maxLength: 9 });
  const lists = fc.tuple(fc.array(one, { maxLength: 8 }), ids).map(([l, i]) => named(l, i));
  const ready = ask(["heart_rate"], ["coaching"]).filter(
    ({ q, own }) => !own && !q.actorRoles.includes("auditor"),
  );
  const asked = fc.oneof(fc.constantFrom(...ready), fc.constantFrom(...questions));
  const glasses = fc.array(fc.constantFrom(...glassStates), { maxLength: 2 });
  const runs = { numRuns: tries(5_000, 500) };
  const holds = (property: fc.IRawProperty<unknown>) => fc.assert(property, runs);

  test("is as due", () => {
    const { wrong, seen, check } = tally();
    holds(fc.property(asked, lists, glasses, check));
    expect(wrong).toEqual([]);
    for (const permit of [true, false])
      expect(Object.keys(seen()).filter((is) => is.startsWith(`${permit}`)).length).toBeGreaterThan(
        9,
      );
  });

  test("does not change with the order of consents and break-glasses", () => {
    const shuffled = lists.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
      ),
    );
    holds(
      fc.property(asked, shuffled, glasses, (a, [list, other], g) => {
        expect(decided(a, other, [...g].reverse())).toEqual(decided(a, list, g));
      }),
    );
  });

  test("refuses wherever one forbid applies, and names one", () => {
    const stop = open("forbid");
    const place = fc.nat({ max: 8 });
    holds(
      fc.property(fc.constantFrom(...ready), lists, glasses, place, ids, (a, list, g, i, [id]) => {
        const [forbid] = named([stop], [`~${id}`]) as [Labelled];
        const all = list.toSpliced(i, 0, forbid);
        const decision = decided(a, all, g);
        const names = all.filter(isForbid).map(({ consent }) => consent.id);
        expect(decision.permit).toBe(false);
        expect(names).toContain(decision.ground);
      }),
    );
  });

  test("never permits more for a forbid added or a permit revoked, nor less the other way", () => {
    const at = fc.nat({ max: 7 });
    holds(
      fc.property(asked, lists, one, glasses, at, (a, list, added, g, place) => {
        const is = decided(a, list, g).permit;
        const [more] = named([added], ["added"]) as [Labelled];
        const then = decided(a, [...list, more], g).permit;
        expect(isForbid(more) ? then && !is : is && !then).toBe(false);
        const gone = list.map((c, i) => (i === place ? revokedNow(c) : c));
        const after = decided(a, gone, g).permit;
        const revokesForbid = list[place] !== undefined && isForbid(list[place]);
        expect(revokesForbid ? is && !after : after && !is).toBe(false);
      }),
    );
  });

  test("never lets an auditor read of others, nor anybody what is the member's own", () => {
    const closed = everything.filter(
      ({ q, kind, own }) => !own && (q.actorRoles.includes("auditor") || kind !== "readable"),
    );
    holds(
      fc.property(fc.constantFrom(...closed), lists, glasses, (a, list, g) => {
        expect(decided(a, list, g).permit).toBe(false);
      }),
    );
  });

  test("lets consents say nothing of an emergency, and break-glass nothing of the rest", () => {
    holds(
      fc.property(asked, lists, glasses, (a, list, g) => {
        const rest = a.q.purpose === "emergency" ? decided(a, [], g) : decided(a, list, []);
        expect(decided(a, list, g)).toEqual(rest);
      }),
    );
  });

  const isForbid = ({ consent }: Labelled) => consent.effect === "forbid";
  const revokedNow = (c: Labelled): Labelled => ({
    ...c,
    holds: false,
    consent: { ...c.consent, revokedAtMs: nowMs },
  });
});

describe("the words of a decision", () => {
  test("name columns and purposes once each, and a column's kind by one list only", () => {
    const columns = [...readableColumns, ...ownColumns];
    expect(new Set(columns).size).toBe(columns.length);
    expect(new Set(readPurposes).size).toBe(readPurposes.length);
    expect(readPurposes.filter((p) => !(purposes as readonly string[]).includes(p))).toEqual([
      "emergency",
    ]);
    for (const { column, kind } of columnKinds) {
      expect(isReadable(column), column).toBe(kind === "readable");
      expect(isRestrictedColumn(column), column).toBe(kind !== "unknown");
    }
    expect(columns.length).toBe(columnKinds.filter(({ kind }) => kind !== "unknown").length);
  });

  test("hold what samples come to by class, which no record has as a column", () => {
    const classes = new Set(metrics.map((metric) => metricOf(metric).class));
    expect([...classes].map(sampleColumnOf).sort()).toEqual([...sampleColumns].sort());
    for (const column of sampleColumns)
      expect([isReadable(column), isRecordColumn(column)], column).toEqual([true, false]);
    for (const column of [...recordColumns, ...ownColumns])
      expect(isRecordColumn(column), column).toBe(true);
    expect(isRecordColumn("glucose")).toBe(false);
  });

  test("do not let a consent be for a purpose that none can be given for", () => {
    const { consent } = open("permit");
    const q = { ...(everything[0] as Asked).q, actor: other, actorRoles: [], column: "heart_rate" };
    for (const purpose of ["marketing", "", "emergency"])
      expect(decide({ ...q, purpose }, [{ ...consent, purpose }], []).ground).toBe("no-consent");
    for (const purpose of purposes)
      expect(decide({ ...q, purpose }, [{ ...consent, purpose }], []).ground).toBe(consent.id);
  });

  test("take a row with an effect that nobody knows for no permit", () => {
    const { consent } = open("permit");
    const q = { ...(everything[0] as Asked).q, actor: other, column: "heart_rate" };
    const asked = { ...q, actorRoles: [], purpose: consent.purpose };
    const strange = { ...consent, effect: "allow" as "permit" };
    expect(decide(asked, [consent], []).permit).toBe(true);
    expect(decide(asked, [strange], [])).toEqual({ permit: false, ground: "no-consent" });
  });

  test("take a reason by its length without the blanks around it", () => {
    const [min, max] = [breakGlassReasonCharsMin, breakGlassReasonCharsMax];
    for (const [chars, is] of [
      [0, false],
      [min - 1, false],
      [min, true],
      [max, true],
      [max + 1, false],
    ] as const) {
      expect(isBreakGlassReason("x".repeat(chars)), `${chars}`).toBe(is);
      expect(isBreakGlassReason(` \n${"x".repeat(chars)}\t `), `${chars}`).toBe(is);
    }
    for (const unseen of [" ", "\u0000", "\u200b", "\ud800", "\u2028"])
      expect(isBreakGlassReason(unseen.repeat(2 * min))).toBe(false);
  });
});

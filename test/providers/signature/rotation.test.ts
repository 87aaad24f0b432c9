import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Secret } from "../../../providers/recipe.ts";
import { liveSecrets } from "../../../providers/signature/secrets.ts";
import { kidOf, newestSecret, overlapMs, secretsMax } from "../../../providers/signature.ts";
import {
  ask,
  hexed,
  hmac,
  isGenuine,
  now,
  nowMs,
  standard,
  standardHeaders,
  standardSecret,
  v1,
} from "./signed.ts";

const hourMs = 3_600_000;
const iso = (atMs: number) => new Date(atMs).toISOString();
const body = "{}";
/** Whether what this secret signed counts, and by which name. */
async function named(secret: string, secrets: unknown, atMs = nowMs): Promise<string> {
  const headers = { "x-signature": hmac(secret, body) };
  const verdict = await ask(hexed, { headers, body, secrets, nowMs: atMs });
  return verdict.is === "genuine" ? verdict.kid : verdict.is;
}

describe("a rotation", () => {
  const begins = nowMs;
  const rotated = (oldEndsMs: number | null): Secret[] => [
    { kid: "old", secret: "a", ...(oldEndsMs === null ? {} : { notAfter: iso(oldEndsMs) }) },
    { kid: "new", secret: "b", notBefore: iso(begins) },
  ];

  it("overlaps by 76 hours, whatever end was set: from the first moment to the last", async () => {
    expect(overlapMs).toBe(76 * hourMs);
    for (const endsMs of [begins, begins + 1, begins + hourMs, begins + 76 * hourMs])
      for (const list of [rotated(endsMs), rotated(endsMs).reverse()]) {
        expect(await named("a", list, begins - 1)).toBe("old");
        expect(await named("b", list, begins - 1)).toBe("refused");
        for (const atMs of [begins, begins + 1, begins + 76 * hourMs - 1, begins + 76 * hourMs]) {
          expect(await named("a", list, atMs)).toBe("old");
          expect(await named("b", list, atMs)).toBe("new");
        }
        expect(await named("a", list, begins + 76 * hourMs + 1)).toBe("refused");
        expect(await named("b", list, begins + 1000 * hourMs)).toBe("new");
      }
  });

  it("keeps a later end, and none", async () => {
    const later = rotated(begins + 100 * hourMs);
    expect(await named("a", later, begins + 100 * hourMs)).toBe("old");
    expect(await named("a", later, begins + 100 * hourMs + 1)).toBe("refused");
    expect(await named("a", rotated(null), begins + 9000 * hourMs)).toBe("old");
  });

  it("never brings back a secret that had ended before its successor began", async () => {
    for (const endsMs of [begins - 1, begins - hourMs, begins - 9000 * hourMs])
      for (const list of [rotated(endsMs), rotated(endsMs).reverse()]) {
        expect(await named("a", list, endsMs)).toBe("old");
        for (const atMs of [endsMs + 1, begins, begins + hourMs, begins + 76 * hourMs])
          expect(await named("a", list, atMs)).toBe("refused");
        expect(await named("b", list, begins)).toBe("new");
      }
  });

  it("to come brings back nothing that has ended, and leaves nothing out", async () => {
    const leaked = { kid: "old", secret: "leaked", notAfter: iso(begins - 365 * 24 * hourMs) };
    const next = { kid: "next", secret: "c", notBefore: iso(begins + 24 * hourMs) };
    for (const list of [
      ["cur", leaked],
      ["cur", leaked, next],
      [next, leaked, "cur"],
    ])
      for (const atMs of [begins, begins + 24 * hourMs, begins + 100 * hourMs]) {
        expect(await named("leaked", list, atMs)).toBe("refused");
        expect(await named("cur", list, atMs)).toBe(await kidOf("cur"));
      }
    // One that will still count then is stretched by it, and counts until then too.
    const ending = rotated(begins);
    for (const atMs of [begins - hourMs, begins, begins + hourMs])
      expect(await named("a", ending, atMs)).toBe("old");
  });

  it("stretches a secret by its own successor alone, never by one that counts at no time", async () => {
    // The old one ends in its overlap with the second: a third that begins before adds nothing.
    const third = { kid: "next", secret: "c", notBefore: iso(begins + 70 * hourMs) };
    const list = [...rotated(begins + 71 * hourMs), third];
    expect(await named("a", list, begins + 76 * hourMs)).toBe("old");
    expect(await named("a", list, begins + 76 * hourMs + 1)).toBe("refused");
    const ending = { kid: "old", secret: "a", notAfter: iso(begins) };
    for (const none of [
      { kid: "none", secret: "", notBefore: iso(begins) },
      { kid: "none", secret: "b", notBefore: iso(begins), notAfter: iso(begins - 1) },
    ]) {
      expect(await named("a", [none, ending], begins)).toBe("old");
      expect(await named("a", [none, ending], begins + 1)).toBe("refused");
      expect(await named("b", [none, ending], begins + 1)).toBe("refused");
    }
  });

  it("ends at once for a secret that is taken out", async () => {
    const [, young] = rotated(begins);
    expect(await named("a", [young], begins + 1)).toBe("refused");
    expect(await named("b", [young], begins + 1)).toBe("new");
  });

  it("is measured from the first successor, not from a later one", async () => {
    const third = { kid: "next", secret: "c", notBefore: iso(begins + 240 * hourMs) };
    const list = [...rotated(begins), third];
    expect(await named("a", list, begins + 76 * hourMs)).toBe("old");
    expect(await named("a", list, begins + 76 * hourMs + 1)).toBe("refused");
  });

  it("without a successor ends when it says", async () => {
    const alone = [{ kid: "only", secret: "a", notAfter: iso(begins) }];
    expect(await named("a", alone, begins)).toBe("only");
    expect(await named("a", alone, begins + 1)).toBe("refused");
  });

  it("of bare texts has four live, always, and no fifth", async () => {
    expect(secretsMax).toBe(4);
    const five = ["d", "c", "b", "a", "z"];
    for (const atMs of [0, nowMs, nowMs + 10_000 * hourMs]) {
      for (const secret of ["d", "c", "b", "a"])
        expect(await named(secret, five, atMs)).toBe(await kidOf(secret));
      expect(await named("z", five, atMs)).toBe("refused");
    }
  });

  it("within the overlap of another leaves every overlap whole", async () => {
    const [first, second, third] = [nowMs - 200 * hourMs, nowMs - 40 * hourMs, nowMs - hourMs];
    const list = [
      { kid: "first", secret: "a", notBefore: iso(first), notAfter: iso(second) },
      { kid: "second", secret: "b", notBefore: iso(second), notAfter: iso(third) },
      { kid: "third", secret: "c", notBefore: iso(third) },
    ];
    for (const order of [list, list.toReversed()]) {
      for (const atMs of [nowMs, nowMs + 36 * hourMs])
        expect(await Promise.all(["a", "b", "c"].map((s) => named(s, order, atMs)))).toEqual([
          "first",
          "second",
          "third",
        ]);
      expect(await named("a", order, nowMs + 36 * hourMs + 1)).toBe("refused");
      expect(await named("b", order, nowMs + 75 * hourMs)).toBe("second");
      expect(await named("b", order, nowMs + 75 * hourMs + 1)).toBe("refused");
    }
  });

  it("of five dated ones has the four newest live", async () => {
    const five = ["a", "b", "c", "d", "e"].map((secret, i) => ({
      kid: `key-${secret}`,
      secret,
      notBefore: iso(begins + i * hourMs),
    }));
    for (const list of [five, five.toReversed()]) {
      expect(await named("a", list, begins + 4 * hourMs - 1)).toBe("key-a");
      expect(await named("a", list, begins + 4 * hourMs)).toBe("refused");
      for (const secret of ["b", "c", "d", "e"])
        expect(await named(secret, list, begins + 4 * hourMs)).toBe(`key-${secret}`);
      expect(newestSecret(list, begins + hourMs)).toBe("b");
    }
  });

  it("counts a secret that is stated twice once, by its newest name", async () => {
    const again = { kid: "again", secret: "d", notBefore: iso(begins - hourMs) };
    const list = ["d", "d", "d", again, "c", "b", "a"];
    expect(await named("d", list)).toBe("again");
    for (const secret of ["c", "b", "a"])
      expect(await named(secret, list)).toBe(await kidOf(secret));
  });

  it("holds for a path and for an Authorization as for what is signed", async () => {
    const list = rotated(begins);
    for (const [secret, atMs, is] of [
      ["a", begins + 76 * hourMs, "genuine"],
      ["a", begins + 76 * hourMs + 1, "refused"],
      ["b", begins - 1, "refused"],
      ["b", begins, "genuine"],
    ] as const) {
      const path = { kind: "path-secret" } as const;
      const asked = { pathKey: secret, body, secrets: list, nowMs: atMs };
      expect((await ask(path, asked)).is).toBe(is);
      const greeting = { kind: "authorised", body: "{}", status: 200 } as const;
      const headers = { authorization: secret };
      const greeted = await ask(
        { kind: "authorization-and-tink", headers: ["x"] },
        { ...asked, pathKey: null, headers, greeting },
      );
      expect(greeted.is).toBe(is === "genuine" ? "greeting" : "refused");
    }
  });

  it("never has more than four live, nor fewer than the newest that has begun", async () => {
    const moment = fc.option(fc.integer({ min: -500, max: 500 }), { nil: undefined });
    const entry = fc.record({ from: moment, to: moment });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const list = entries.map(({ from, to }, i) => ({
          kid: `k${i}`,
          secret: `s${i}`,
          ...(from === undefined ? {} : { notBefore: iso(nowMs + from * hourMs) }),
          ...(to === undefined ? {} : { notAfter: iso(nowMs + to * hourMs) }),
        }));
        const found = await Promise.all(list.map(({ secret }) => named(secret, list)));
        const live = found.filter((verdict) => verdict !== "refused");
        expect(live.length).toBeLessThanOrEqual(secretsMax);
        const hasOpen = entries.some(({ from = -501, to = 501 }) => from <= 0 && to >= 0);
        if (hasOpen) expect(live.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a setting that is broken", () => {
  const broken: readonly unknown[] = [
    "",
    null,
    undefined,
    0,
    true,
    [],
    ["a"],
    {},
    { kid: "x" },
    { kid: "x", secret: 1 },
    { kid: "x", secret: "" },
    { kid: "x", secret: "a", notBefore: "soon" },
    { kid: "x", secret: "a", notAfter: "2026-02-30T00:00:00Z" },
    { kid: "x", secret: "a", notBefore: "2026-11-21T00:00:00" },
    { kid: "x", secret: "a", notBefore: 0 },
    { kid: "x", secret: "a", notAfter: {} },
  ];

  it("makes nothing genuine", async () => {
    for (const entry of broken)
      for (const secret of ["", "a", "x", "undefined", "null", "[object Object]"])
        expect(await named(secret, [entry])).toBe("refused");
    for (const secrets of ["a", { 0: "a", length: 1 }, null, undefined, 7, { secret: "a" }])
      expect(await named("a", secrets)).toBe("refused");
  });

  it("does not cost the others their place, wherever it stands", async () => {
    for (const entry of broken)
      for (const at of [0, 1, 2]) {
        const list = (["b", "c"] as unknown[]).toSpliced(at, 0, entry, entry);
        for (const secret of ["b", "c"]) expect(await named(secret, list)).not.toBe("refused");
      }
  });

  it("is also a Standard Webhooks secret that is none", async () => {
    const headers = standardHeaders(v1("msg_1", now, body));
    const wrong = ["whsec_", "whsec_!!!", "whsec_AAAA", "whsec_AAA", "text", "whpk_AAAA"];
    const dated = { kid: "x", notBefore: iso(nowMs - hourMs) };
    for (const text of wrong) {
      expect(await isGenuine(standard, { headers, body, secrets: [text] })).toBe(false);
      for (const entry of [text, { ...dated, secret: text }])
        for (const secrets of [
          [entry, entry, standardSecret],
          [standardSecret, entry],
        ])
          expect(await isGenuine(standard, { headers, body, secrets })).toBe(true);
    }
  });

  it("with an empty secret does not accept what an empty key signed", async () => {
    expect(await named("", [""])).toBe("refused");
    expect(await named("", ["", "a"])).toBe("refused");
    const empty = Buffer.alloc(0);
    const headers = standardHeaders(v1("msg_1", now, body, empty));
    for (const text of ["", "whsec_"])
      expect(await isGenuine(standard, { headers, body, secrets: [text] })).toBe(false);
  });
});

describe("a secret's name", () => {
  it("is the beginning of its SHA-256 where the deployment gives none that may stand in a log", async () => {
    // As sha256sum prints it.
    const print = "ca978112";
    expect(await kidOf("a")).toBe(print);
    for (const kid of [undefined, "", " ", "a b", "x\ny", "k".repeat(65), 5, null])
      expect(await named("a", [{ kid, secret: "a" }])).toBe(print);
  });

  it("is never the secret itself", async () => {
    const secret = "letters-and-1-digit";
    expect(await named(secret, [{ kid: secret, secret }])).toBe(await kidOf(secret));
    expect(await kidOf(secret)).toMatch(/^[0-9a-f]{8}$/);
  });

  it("is what the deployment calls it otherwise", async () => {
    expect(await kidOf({ kid: "2026-11", secret: "a" })).toBe("2026-11");
    expect(await named("a", [{ kid: "2026-11", secret: "a" }])).toBe("2026-11");
  });
});

it("the newest live secret is what the deployment names by itself", () => {
  expect(newestSecret(undefined, nowMs)).toBeNull();
  expect(newestSecret([""], nowMs)).toBeNull();
  expect(newestSecret(["", "b", "a"], nowMs)).toBe("b");
  const soon = { kid: "soon", secret: "c", notBefore: iso(nowMs + 1) };
  expect(newestSecret(["b", soon], nowMs)).toBe("b");
  expect(newestSecret(["b", soon], nowMs + 1)).toBe("c");
  expect(liveSecrets(["b", soon], nowMs)).toMatchObject([{ text: "b", kid: null }]);
});

/**
 * Answers that everybody is given alike: made once for all who ask at the same time, a second old at
 * most, and never kept when they failed.
 */
import { describe, expect, it } from "vitest";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const { SharedAnswers, dataCentre, freshMs } = await load("shared-answers.ts");
const { etagOf, isKnown } = await load("etag.ts");

interface Answer {
  readonly body: string;
  readonly etag: string;
  readonly madeAtMs: number;
}
const nowMs = 1_000_000;
const nowhere = { get: async () => null, put: async () => {} };

function asking(nearby: object = nowhere, bounds: object = {}) {
  const shared = new SharedAnswers(nearby, bounds);
  let made = 0;
  const ask = (
    key: string,
    atMs: number,
    make: () => Promise<string> = async () => `made ${made}`,
  ): Promise<Answer> =>
    shared.answer({
      key,
      nowMs: atMs,
      later: () => {},
      make: () => {
        made++;
        return make();
      },
    });
  return { ask, made: () => made };
}

describe("an answer that many ask for", () => {
  it("is made once for all who ask while it is made", async () => {
    const { ask, made } = asking();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => ask("k", nowMs + i)));
    expect(made()).toBe(1);
    expect(new Set(answers.map(({ etag }) => etag)).size).toBe(1);
  });

  it("is given for a second from when its making began, and then made anew", async () => {
    const { ask, made } = asking();
    for (const after of [0, 1, freshMs - 1]) await ask("k", nowMs + after);
    expect(made()).toBe(1);
    expect((await ask("k", nowMs + freshMs)).madeAtMs).toBe(nowMs + freshMs);
    expect(made()).toBe(2);
  });

  it("is another's for another question", async () => {
    const { ask, made } = asking();
    await Promise.all([ask("k", nowMs), ask("l", nowMs)]);
    expect(made()).toBe(2);
  });

  it("that failed fails for all who waited, and is kept for nobody", async () => {
    const { ask, made } = asking();
    const fail = async () => Promise.reject(new Error("down"));
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => ask("k", nowMs, fail)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(made()).toBe(1);
    expect((await ask("k", nowMs)).body).toBe("made 2");
  });

  it("whose maker went away is made by whoever waited longest", async () => {
    const { ask, made } = asking(nowhere, { waitMsMax: 20 });
    const never = ask("k", nowMs, () => new Promise(() => {}));
    const answers = await Promise.all([ask("k", nowMs), ask("k", nowMs)]);
    expect(answers.map(({ body }) => body)).toEqual(["made 2", "made 2"]);
    expect(made()).toBeLessThanOrEqual(3);
    await Promise.race([never, null]);
  });

  it("that was long in the making does not take the place of a later one", async () => {
    const { ask } = asking(nowhere, { waitMsMax: 20 });
    let finish = (_: string) => {};
    const slow = ask("k", nowMs, () => new Promise((done) => (finish = done)));
    await ask("k", nowMs + 500, async () => "new");
    finish("old");
    expect((await slow).body).toBe("old");
    expect((await ask("k", nowMs + 600)).body).toBe("new");
  });

  it("goes once others were asked for since, when there are too many", async () => {
    const { ask, made } = asking(nowhere, { answersMax: 2 });
    for (const key of ["a", "b", "a", "c"]) await ask(key, nowMs);
    expect(made()).toBe(3);
    await ask("a", nowMs);
    expect(made()).toBe(3);
    await ask("b", nowMs);
    expect(made()).toBe(4);
  });
});

describe("what another isolate of the data centre left", () => {
  const left = (madeAtMs: number) => ({
    get: async () => ({ body: "left", etag: '"left"', madeAtMs }),
    put: async () => {},
  });

  it("is given, and asked for once while it is fresh", async () => {
    const { ask, made } = asking(left(nowMs - 400));
    expect((await ask("k", nowMs)).body).toBe("left");
    expect((await ask("k", nowMs + 599)).body).toBe("left");
    expect(made()).toBe(0);
  });

  it("is not given once it is a second old, nor from a clock that is far ahead", async () => {
    for (const off of [-freshMs, freshMs])
      expect((await asking(left(nowMs + off)).ask("k", nowMs)).body).toBe("made 1");
  });

  it("may be missing altogether", async () => {
    const { ask } = asking(dataCentre);
    expect((await ask("https://board.test/k", nowMs)).body).toBe("made 1");
  });
});

describe("a tag", () => {
  const known = (said: string, etag: string) =>
    isKnown(new Request("https://board.test", { headers: { "if-none-match": said } }), etag);

  it("is of the body alone", async () => {
    expect(await etagOf("a")).toBe(await etagOf("a"));
    expect(await etagOf("a")).not.toBe(await etagOf("b"));
    expect(await etagOf("a")).toMatch(/^"[0-9a-f]{24}"$/);
  });

  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", W/"a"', true],
    ["*", true],
    ['"b"', false],
    ["a", false],
    ["", false],
  ])("is known to whoever says %s: %s", (said, is) => {
    expect(known(said, '"a"')).toBe(is);
  });
});

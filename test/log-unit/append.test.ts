/** What the log takes, in which order, and how it finds it again. */
import { describe, expect, it } from "vitest";
import { type EntryDraft, parseEntry } from "../../domain/audit.ts";
import type { Appended, EntryQuery } from "../../domain/log-ports.ts";
import {
  chanceOf,
  closing,
  dayMs,
  intent,
  logWorld,
  member,
  otherMember,
  textsOf,
} from "./log-world.ts";

const all: EntryQuery = { member: null, actor: null, action: null, fromMs: null, toMs: null };
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function placed(answer: Promise<readonly Appended[] | { refused: string }>) {
  const given = await answer;
  if ("refused" in given) throw new Error(given.refused);
  return given as readonly Appended[];
}

describe("appending", () => {
  it("answers with contiguous indexes in the order of each caller, also for many at once", async () => {
    const chance = chanceOf(5);
    const gate = async () => {
      for (let i = Math.floor(chance() * 4); i > 0; i--) await turn();
    };
    const { home } = await logWorld({ gate });
    const log = home.getByName("0");
    const calls = Array.from({ length: 60 }, (_, c) =>
      Array.from({ length: 1 + (c % 5) }, (_, i) => intent({ purpose: `${c}.${i}` })),
    );
    const answers = await Promise.all(calls.map((drafts) => placed(log.append(drafts))));
    const texts = textsOf(home);
    for (const [c, answer] of answers.entries())
      for (const [i, { index }] of answer.entries()) {
        expect(index).toBe((answer[0]?.index ?? 0) + i);
        expect(parseEntry(texts[index] ?? "")).toEqual(intent({ purpose: `${c}.${i}` }));
      }
    const indexes = answers.flat().map(({ index }) => index);
    expect(indexes.sort((a, b) => a - b)).toEqual(texts.map((_, i) => i));
    expect((await log.status()).size).toBe(texts.length);
  });

  it("never steps back in time, also in another life", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    const [first] = await placed(log.append([intent()]));
    clock.nowMs -= 5_000;
    home.crash();
    const [second] = await placed(log.append([intent()]));
    expect(second).toEqual({ index: 1, atMs: first?.atMs });
  });

  it("keeps one closing for an intent: the second is told the first one's place", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    await log.append([intent()]);
    const first = await placed(log.append([closing(0)]));
    clock.nowMs += 1_000;
    expect(await placed(log.append([closing(0, { outcome: "failed" })]))).toEqual(first);
    expect(textsOf(home)).toHaveLength(2);
  });

  it("says so when there is nothing to close, and nobody else's entries suffer", async () => {
    const { home } = await logWorld();
    const log = home.getByName("0");
    await log.append([intent()]);
    const bad = log.append([intent(), closing(900)]);
    const good = placed(log.append([closing(0)]));
    await expect(bad).rejects.toThrow("there is no entry 900 to close");
    expect((await good)[0]?.index).toBe(1);
    await expect(log.append([closing(1)])).rejects.toThrow("entry 1 is a closing itself");
    await expect(log.append([intent({ purpose: "x".repeat(70_000) })])).rejects.toThrow("too long");
    expect(textsOf(home)).toHaveLength(2);
  });

  it("takes no more than fits while it waits for the disk, and says so", async () => {
    let open = () => {};
    const shut = new Promise<void>((resolve) => {
      open = resolve;
    });
    let shutting = false;
    const { home } = await logWorld({ gate: async () => (shutting ? shut : undefined) });
    const log = home.getByName("0");
    await log.append([intent()]);
    const thousand: EntryDraft[] = Array.from({ length: 1_000 }, () => intent());
    const waiting = [1, 2, 3, 4].map(() => log.append(thousand));
    await Promise.resolve();
    shutting = true;
    open();
    const answers = await Promise.all(waiting);
    expect(answers.filter((answer) => "refused" in answer)).toEqual([{ refused: "too-many" }]);
    expect((await log.status()).size).toBe(3_001);
    await expect(log.append([...thousand, intent()])).rejects.toThrow("1000");
  });

  it("holds off who is refused again and again, for a minute, but lets them end what they began", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    const prying = intent({ actor: "m_prying", role: "coach" });
    for (let i = 0; i < 121; i++) {
      const [{ index } = { index: -1 }] = await placed(log.append([prying]));
      await log.append([closing(index, { outcome: "refused", ground: "no-grant" })]);
    }
    expect(await log.append([prying])).toEqual({ refused: "too-many" });
    expect(await log.append([intent({ ...prying, member: "" })])).toHaveLength(1);
    expect(await log.append([intent()])).toHaveLength(1);
    expect(await log.append([closing(242)])).toHaveLength(1);
    clock.nowMs += 60_000;
    expect(await log.append([prying])).toHaveLength(1);
  });

  it("tells nobody of an entry that the disk refused, and goes on in another life", async () => {
    let failing = false;
    const { home } = await logWorld({ failSync: () => failing });
    const log = home.getByName("0");
    await log.append([intent()]);
    failing = true;
    await expect(log.append([intent()])).rejects.toThrow("the disk failed");
    failing = false;
    expect(await log.append([intent()])).toMatchObject([{ index: 1 }]);
  });
});

describe("what is recent", () => {
  it("is found by member, actor, action and time, newest first, each with what came of it", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    const kinds = [
      intent(),
      intent({ actor: "m_coach", role: "coach" }),
      intent({ member: otherMember, actor: otherMember, deed: "grant-consent" }),
      intent({ member: "", actor: "m_coach", role: "operator", deed: "rotate-epoch" }),
    ];
    const drafts: { index: number; atMs: number; draft: EntryDraft }[] = [];
    for (let i = 0; i < 40; i++) {
      const draft = kinds[i % kinds.length] as EntryDraft;
      for (const place of await placed(log.append([draft]))) drafts.push({ ...place, draft });
      if (i % 3 === 0) await log.append([closing(drafts.at(-1)?.index ?? 0, { rows: i })]);
      clock.nowMs += 1_000;
    }
    const times = [null, drafts[11]?.atMs ?? 0, drafts[30]?.atMs ?? 0];
    for (const who of [null, member, otherMember])
      for (const actor of [null, member, "m_coach", "m_nobody"])
        for (const action of [null, "view", "admin"] as const)
          for (const fromMs of times)
            for (const toMs of times) {
              const wanted = drafts.filter(
                ({ draft, atMs }) =>
                  "deed" in draft &&
                  (who === null || draft.member === who) &&
                  (actor === null || draft.actor === actor) &&
                  (action === null ||
                    (draft.deed === "rotate-epoch"
                      ? "admin"
                      : draft.deed === "read-readings"
                        ? "view"
                        : "edit") === action) &&
                  (fromMs === null || atMs >= fromMs) &&
                  (toMs === null || atMs <= toMs),
              );
              const found = await log.recent(
                { member: who, actor, action, fromMs, toMs },
                null,
                100,
              );
              expect(found.map((row) => row.index)).toEqual(wanted.map((d) => d.index).reverse());
            }
    const [newest] = await log.recent(all, null, 1);
    expect(newest?.closedBy?.text).toContain('"closes":');
    expect(parseEntry(newest?.closedBy?.text ?? "")).toEqual(
      closing(newest?.index ?? 0, { rows: 39 }),
    );
    const below = await log.recent(all, newest?.index ?? 0, 2);
    expect(below.map((row) => row.closedBy)).toEqual([null, null]);
  });

  it("searches no entry that is not asked for", async () => {
    const { home } = await logWorld();
    await home.getByName("0").append([intent(), intent({ actor: "m_coach" })]);
    const plan = (query: string) =>
      home
        .rows("0", `EXPLAIN QUERY PLAN ${query}`)
        .map((row) => String(row.detail))
        .join("; ");
    expect(plan("SELECT idx FROM entry WHERE closes = 4")).toContain("entry_closes");
    expect(
      plan(
        "SELECT e.idx, c.idx FROM entry e LEFT JOIN entry c ON c.closes = e.idx WHERE e.idx = 1",
      ),
    ).toContain("entry_closes");
    expect(
      home.rows("0", "SELECT count(*) AS n FROM entry WHERE actor IS NULL AND member IS NOT NULL"),
    ).toEqual([{ n: 1 }]);
  });

  it("is counted from the wake-up on: a snapshot of days ago says the same", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    await log.append([intent(), intent()]);
    clock.nowMs += dayMs;
    home.crash();
    expect(await log.status()).toEqual({
      size: 2,
      published: 0,
      witnessed: 0,
      notes: 0,
      firstRecent: 0,
    });
    expect(await log.texts(0, 10)).toEqual(textsOf(home));
  });
});

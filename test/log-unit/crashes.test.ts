/** The log dies at any moment, and what it said stays true. */
import { describe, expect, it } from "vitest";
import type { Appended } from "../../domain/log-ports.ts";
import type { LogHome } from "../fakes/log-home.ts";
import { tries } from "../long.ts";
import {
  chanceOf,
  checkpointOf,
  closing,
  intent,
  type LogWorld,
  leafOf,
  levelOf,
  logWorld,
  shownCheckpoint,
  textsOf,
  treeOf,
} from "./log-world.ts";

const crashes = tries(1_000, 200);
const publishedEvery = 25;
const seed = 20_261_001;

interface Told extends Appended {
  readonly purpose: string;
}

function expectWhole(home: LogHome, told: readonly Told[]): void {
  const [{ n, last, back } = { n: 0, last: 0, back: 0 }] = home.rows(
    "0",
    `SELECT count(*) AS n, coalesce(max(idx), -1) AS last, sum(step < 0) AS back
     FROM (SELECT idx, at - lag(at, 1, at) OVER (ORDER BY idx) AS step FROM entry)`,
  );
  expect({ last, back: back ?? 0 }).toEqual({ last: Number(n) - 1, back: 0 });
  for (const { index, atMs, purpose } of told) {
    const [row] = home.rows("0", `SELECT at, text FROM entry WHERE idx = ${index}`);
    expect(row?.at).toBe(atMs);
    expect(String(row?.text)).toContain(`"${purpose}"`);
  }
}

async function expectPublished({ home, tiles }: LogWorld, shown: string[]): Promise<void> {
  const note = await home.getByName("0").publish();
  expect(await shownCheckpoint(tiles)).toBe(note);
  shown.push(note);
  const leaves = textsOf(home).map(leafOf);
  const { size, root } = checkpointOf(note);
  expect(size).toBe(leaves.length);
  expect(treeOf(leaves).toString("base64")).toBe(root);
  expect(levelOf(tiles, 0, size)).toEqual(leaves);
  const full = Math.floor(size / 256);
  const parents = Array.from({ length: full }, (_, n) =>
    treeOf(leaves.slice(n * 256, n * 256 + 256)),
  );
  expect(levelOf(tiles, 1, size)).toEqual(parents);
}

describe("a log that dies at any moment", () => {
  it(`keeps every entry that it told of, through ${crashes} crashes (seed ${seed})`, async () => {
    const chance = chanceOf(seed);
    const upTo = (n: number) => Math.floor(chance() * n);
    const turns = async (n: number) => {
      for (let i = upTo(n); i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
    };
    const world = await logWorld({ gate: () => turns(4) }, seed);
    const { home, clock } = world;
    const log = home.getByName("0");
    const told: Told[] = [];
    const shown: string[] = [];
    const tell = async (purposes: readonly string[], closes: number | null) => {
      const drafts = purposes.map((purpose) => intent({ purpose }));
      const ends = closes === null ? [] : [closing(closes)];
      const answer = await log.append([...drafts, ...ends]);
      if ("refused" in answer) throw new Error(answer.refused);
      for (const [i, purpose] of purposes.entries())
        told.push({ ...(answer[i] as Appended), purpose });
    };
    for (let crash = 0; crash < crashes; crash++) {
      const before = told.length;
      const telling: Promise<void>[] = [];
      for (let c = upTo(6); c >= 0; c--) {
        const purposes = Array.from({ length: 1 + upTo(3) }, (_, i) => `${crash}/${c}/${i}`);
        telling.push(
          tell(purposes, upTo(2) === 0 ? null : (told[upTo(told.length)]?.index ?? null)),
        );
        if (upTo(4) === 0) void log.publish().catch(() => undefined);
        await turns(3);
      }
      await turns(55);
      // However slow the machine is just now, most lives get so far as to tell of something.
      if (upTo(4) > 0) await Promise.race(telling);
      home.crash();
      clock.nowMs += upTo(400) - 100;
      expectWhole(home, told.slice(before));
      if (crash % publishedEvery === 0) await expectPublished(world, shown);
    }
    expect(told.length).toBeGreaterThan(crashes);
    expectWhole(home, told);
    await expectPublished(world, shown);
    const leaves = textsOf(home).map(leafOf);
    for (const { size, root } of shown.map(checkpointOf))
      expect(treeOf(leaves.slice(0, size)).toString("base64")).toBe(root);
  }, 240_000);
});

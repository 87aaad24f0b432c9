/**
 * What a rank costs and what a change of score costs, with a thousand members to a million, in this
 * process: CPU of all shards and of merging their answers, rows in SQLite included and everything
 * copied as it is between a worker and an object. Beside it a sorted array, which counts a rank out
 * and splices a change in. Sizes are measured in turn, so that noise hits them alike. Memory and
 * waking are measured in a process of their own (`ranks-child.ts`).
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { liveReader } from "../kernel/boards/read.ts";
import { type Placed, SortedArray } from "./floors/sorted-array.ts";
import { percentile, progress, type Result, rounded } from "./measure.ts";
import type { ChildTook } from "./ranks-child.ts";
import { asked, RanksWorld } from "./ranks-world.ts";

const sizes = { "1k": 1_000, "10k": 10_000, "100k": 100_000, "1M": 1_000_000 } as const;
type Size = keyof typeof sizes;
const around = 5;
const rounds = 15;
const warmUp = 3;
const ranksARound = 300;
const updatesARound = 1_500;
/** A rank is counted out, and a change spliced in, so often a round. */
const countsARound = 5;
const splicesARound = 40;

const figures = ["rank", "update", "floorRank", "floorUpdate"] as const;
type Figure = (typeof figures)[number];

interface Field {
  readonly world: RanksWorld;
  readonly floor: SortedArray;
  readonly held: Map<string, Placed>;
  readonly took: Record<Figure, number[]>;
}

export async function ranks(): Promise<Result> {
  const child = await inChild();
  progress(
    `100,000 members, 5 rankings: ${child.memoryMb.toFixed(1)} MB, after updates ` +
      `${child.memoryAfterUpdatesMb.toFixed(1)} MB; awake in ${child.wakeMs.toFixed(0)} ms`,
  );
  const fields: [Size, Field][] = [];
  for (const size of Object.keys(sizes) as Size[]) {
    fields.push([size, await fieldOf(sizes[size])]);
    progress(`${size} members on boards`);
  }
  for (let n = 0; n < rounds + warmUp; n++) {
    for (const [, field] of fields) await round(field, n >= warmUp);
    if ((n + 1) % 6 === 0) progress(`${n + 1} of ${rounds + warmUp} rounds`);
  }
  const median = (size: Size, figure: Figure) => percentile(tookOf(fields, size)[figure], 0.5);
  for (const [size] of fields)
    progress(
      `${size.padStart(5)}: ${figures.map((f) => `${f} ${median(size, f).toFixed(1)} µs`).join(", ")}`,
    );
  const value = median("1M", "rank");
  const times = tookOf(fields, "1M").rank;
  const updateRatio = median("1M", "update") / median("10k", "update");
  progress(`an update at 1 M costs ${updateRatio.toFixed(2)} of one at 10 k`);
  const named = fields.flatMap(([size]) =>
    figures.map((f): [string, number] => [`${f}${size}Us`, rounded(median(size, f))]),
  );
  return {
    name: "ranks",
    value: rounded(value),
    unit: "µs CPU, rank around me at 1 M",
    floor: rounded(median("1M", "floorRank")),
    ratio: rounded(value / median("1M", "floorRank")),
    spread: rounded(percentile(times, 0.9) / percentile(times, 0.1)),
    level: "in-process",
    details: {
      ...Object.fromEntries(named),
      updateRatio: rounded(updateRatio),
      ...Object.fromEntries(Object.entries(child).map(([k, n]) => [k, rounded(n)])),
    },
  };
}

function tookOf(fields: readonly [Size, Field][], size: Size): Field["took"] {
  const found = fields.find(([name]) => name === size);
  if (found === undefined) throw new Error(`nothing of ${size}`);
  return found[1].took;
}

async function fieldOf(members: number): Promise<Field> {
  const world = new RanksWorld(members);
  const held = new Map<string, Placed>();
  const reader = liveReader(world.boards);
  for (let after = null, left = members; left > 0; ) {
    const { scores } = await reader.top(asked, after, 10_000);
    for (const { member, score, atMs } of scores)
      held.set(member, { id: member, score, time: atMs });
    after = scores.at(-1) ?? null;
    left -= scores.length;
  }
  const floor = new SortedArray([...held.values()]);
  return { world, floor, held, took: { rank: [], update: [], floorRank: [], floorUpdate: [] } };
}

/** CPU in µs of one of so many, by the process's own count. */
async function cpuUs(times: number, work: () => void | Promise<void>): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / times;
}

async function round({ world, floor, held, took }: Field, counts: boolean): Promise<void> {
  const reader = liveReader(world.boards);
  const members = new Set(Array.from({ length: updatesARound }, () => world.someone));
  const rows = [...members].map((member) => world.ridden(member));
  const changes = rows.map((row): [Placed, Placed] => {
    const before = held.get(row.member) as Placed;
    const numbers = row.periods[asked.period]?.[asked.key] ?? [];
    const score = numbers[asked.measure] ?? 0;
    const after = { id: row.member, score, time: numbers.at(-1) ?? 0 };
    held.set(row.member, after);
    return [before, after];
  });
  const someone = Array.from({ length: ranksARound }, () => world.someone);
  const update = await cpuUs(rows.length, () => {
    for (const row of rows) world.put(row);
  });
  let first = 0;
  const rank = await cpuUs(ranksARound, async () => {
    for (const member of someone) {
      const place = await reader.place(asked, member, around);
      first = place?.items.find((s) => s.member === member)?.rank ?? 0;
    }
  });
  const floorUpdate = await cpuUs(splicesARound, () => {
    for (const [before, after] of changes.slice(0, splicesARound)) floor.change(before, after);
  });
  for (const [before, after] of changes.slice(splicesARound)) floor.change(before, after);
  let counted = 0;
  const floorRank = await cpuUs(countsARound, () => {
    for (let i = 1; i <= countsARound; i++)
      counted = floor.rank(held.get(someone.at(-i) ?? "") as Placed);
  });
  const last = floor.rank(held.get(someone.at(-1) ?? "") as Placed);
  if (first !== last || counted === 0) throw new Error(`rank ${first}, counted out ${last}`);
  if (!counts) return;
  for (const [figure, us] of Object.entries({ rank, update, floorRank, floorUpdate }))
    took[figure as Figure].push(us);
}

async function inChild(): Promise<ChildTook> {
  const main = resolve(import.meta.dirname, "ranks-child.ts");
  const args = ["--expose-gc", "--disable-warning=ExperimentalWarning", main];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as ChildTook;
}

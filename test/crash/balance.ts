/** When nothing fails any more: does all of it add up? Each line is one promise, and what breaks it. */
import { join } from "node:path";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { call, operatorToken } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { holds, readBalance } from "../../workers/edge/balance.ts";
import { differences } from "../oracle/counts.ts";
import { copied, liveScores, stillOpen } from "../sim/archive.ts";
import { warehouseOf } from "../sim/runs.ts";
import { heartRateOf, workoutsOf } from "../system/support.ts";
import type { HeldFact } from "./held.ts";
import { checkLogs } from "./log-check.ts";
import { patiently } from "./patiently.ts";
import { type ClientRecord, told } from "./record.ts";
import type { Lived } from "./run.ts";
import { archivedIn, heldBy, ledgerNames, rowOf, settledTotals } from "./shown.ts";
import { countsOf, type Judged, judge } from "./truth.ts";

export interface Line {
  readonly promise: string;
  /** How many were looked at. */
  readonly of: number;
  readonly wrong: readonly string[];
}
export interface Balance {
  readonly lines: readonly Line[];
  readonly lost: number;
  readonly doubled: number;
  readonly live: number;
  /** Of the phones: all of them were answered. */
  readonly samples: number;
}

const heartRatesPerMember = 3;
const parkedPageMax = 200;

export async function balanceOf(
  { system, record, company, athletes, steps, clients }: Lived,
  folder: string,
  say: (text: string) => void,
): Promise<Balance> {
  say("reading every ledger");
  const held = await patiently(() => heldByStream(system));
  const judged = new Map(told.map((name) => [name, judge(record, name, held.get(name) ?? [])]));
  const all = [...judged.values()];
  const { facts } = record.acknowledged();
  const lines: Line[] = [
    { promise: "clients were answered as they should be", of: facts, wrong: [...clients.wrong] },
    { promise: "what was acknowledged stands", of: facts, wrong: all.flatMap((j) => j.lost) },
    {
      promise: "nothing stands twice",
      of: sum(all, (j) => j.live),
      wrong: all.flatMap((j) => j.doubled),
    },
    {
      promise: "nothing stands that nobody said",
      of: sum(all, (j) => j.live),
      wrong: all.flatMap((j) => j.invented),
    },
  ];
  say("the archive beside them, by DuckDB");
  const archive = join(folder, "archive");
  await patiently(() => copied(system, archive));
  for (const stream of Object.values<AnyStream>(streams)) {
    const archived = await archivedIn(archive, stream);
    lines.push(sameRows(stream.name, held.get(stream.name) ?? [], archived.rows));
    const own = told.find((name) => name === stream.name);
    if (own === undefined) continue;
    const counts = countsOf(judged.get(own)?.standing ?? []);
    const settled = await patiently(() => settledTotals(system, stream));
    lines.push(same(`${own}: settled totals are the oracle's`, counts.totals, settled));
    lines.push(same(`${own}: DuckDB's totals are the oracle's`, counts.totals, archived.totals));
    if (!stream.ranked) continue;
    const live = await patiently(() => liveScores(system));
    lines.push(same("live boards are the oracle's", stillOpen(counts.scores, 1), live.scores));
  }
  say("books, readings, the log");
  lines.push(await patiently(() => booksOf(system)));
  lines.push(await patiently(() => parkedOf(system, record)));
  lines.push(await patiently(() => heartRatesOf(system, athletes)));
  lines.push(await patiently(() => stepsOf(system, steps)));
  const { entries, wrong } = await patiently(() =>
    checkLogs(system, join(folder, "logs"), company.reads),
  );
  lines.push({
    promise: `each of ${company.reads.length} readings has its entry, no log a gap`,
    of: entries,
    wrong,
  });
  lines.push(await patiently(() => leftOf(system, company.leavers)));
  const counted = (of: (j: Judged) => readonly string[]) => sum(all, (j) => of(j).length);
  return {
    ...{ lines, live: sum(all, (j) => j.live), samples: sum(steps, (door) => door.told) },
    ...{ lost: counted((j) => j.lost), doubled: counted((j) => [...j.doubled, ...j.invented]) },
  };
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((total, one) => total + of(one), 0);

async function heldByStream(system: System): Promise<ReadonlyMap<string, HeldFact[]>> {
  const held = new Map<string, HeldFact[]>();
  for (const name of await ledgerNames(system)) {
    const [stream = ""] = name.split("/");
    held.set(stream, [...(held.get(stream) ?? []), ...(await heldBy(system, name)).facts]);
  }
  return held;
}

function sameRows(stream: string, held: readonly HeldFact[], rows: readonly string[]): Line {
  const due = held.flatMap(({ id, revision, body, days }) =>
    days.map((day, i) => rowOf(day, id, revision, i === days.length - 1 ? body : null)),
  );
  const counted = (list: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const row of list) counts.set(row, (counts.get(row) ?? 0) + 1);
    return counts;
  };
  return same(`${stream}: the archive's rows are the ledgers'`, counted(due), counted(rows));
}

function same(
  promise: string,
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): Line {
  const { count, shown } = differences(expected, found);
  const more = count > shown.length ? [`and ${count - shown.length} more`] : [];
  return { promise, of: expected.size, wrong: [...shown, ...more] };
}

/** Every statement that a ledger was handed has its place; none is on its way any more. */
async function booksOf(system: System): Promise<Line> {
  const books = await readBalance((await warehouseOf(system)) as unknown as D1Database);
  const wrong: string[] = [];
  if (!holds(books)) wrong.push(`received is not what became of it: ${JSON.stringify(books)}`);
  if (books.pending + books.parked > 0)
    wrong.push(`${books.pending} pending, ${books.parked} parked`);
  if (books.held !== books.rows) wrong.push(`${books.held} published, ${books.rows} archived`);
  if (books.damaged + books.dirty + books.unresolved > 0) wrong.push("not all of it is settled");
  return { promise: "received = applied + duplicate + rejected", of: books.received, wrong };
}

/** What nobody could read and was answered is put aside, once. */
async function parkedOf({ url, ...system }: System, { bad }: ClientRecord): Promise<Line> {
  const token = await operatorToken({ url, ...system } as System);
  let found = 0;
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await call(url, "GET", `/v1/ops/parked?limit=${parkedPageMax}${page}`, {
      token,
    });
    found += body.items.length;
    cursor = body.next;
  }
  const isFine = found >= bad.acknowledged && found <= bad.said;
  const wrong = isFine ? [] : [`${found} instead of ${bad.acknowledged} to ${bad.said}`];
  return { promise: "what nobody can read is put aside once", of: found, wrong };
}

async function heartRatesOf(system: System, athletes: Lived["athletes"]): Promise<Line> {
  const wrong: string[] = [];
  let looked = 0;
  for (const who of athletes)
    for (const { id } of (await workoutsOf(system, who)).slice(0, heartRatesPerMember)) {
      looked++;
      const bpm = (await heartRateOf(system, who, id)) ?? [];
      if (bpm.length === 0) wrong.push(`${id} has no heart rate`);
    }
  return { promise: "sealed heart rates open for their member", of: looked, wrong };
}

/** What the phones counted, day by day, and altogether as it was settled. */
async function stepsOf(system: System, phones: Lived["steps"]): Promise<Line> {
  const wrong: string[] = [];
  let [days, all] = [0, 0];
  for (const { who, sums } of phones) {
    const [from = "", to = ""] = [[...sums.keys()].sort()[0], [...sums.keys()].sort().at(-1)];
    if (from === "") continue;
    const query = `types=steps&period=day&start=${from}&end=${to}`;
    const { body } = await call(system.url, "GET", `/v1/aggregates?${query}`, { token: who.token });
    const shown = new Map<string, number>(
      body.items.map(({ label, value }: { label: string; value: number }) => [label, value]),
    );
    wrong.push(...differences(sums, shown).shown.map((one) => `${who.name} ${one}`));
    days += sums.size;
    for (const n of sums.values()) all += n;
  }
  const settled = [...(await settledTotals(system, streams.samples))].filter(([name]) =>
    /^all .*steps$/.test(name),
  );
  const found = settled.reduce((total, [, n]) => total + n, 0);
  if (found !== all) wrong.push(`settled: ${found} instead of ${all}`);
  return { promise: "phones' steps, day by day and settled", of: days, wrong };
}

/** Of those who left nothing is held, and no board shows them. */
async function leftOf(
  system: System,
  leavers: readonly { id: string; name: string }[],
): Promise<Line> {
  const wrong: string[] = [];
  const { scores } = await liveScores(system);
  for (const { id, name } of leavers) {
    const { facts } = await heldBy(system, `workouts/${id}`);
    if (facts.length > 0) wrong.push(`${name}: ${facts.length} facts`);
    if ([...scores.keys()].some((score) => score.startsWith(`${id} `)))
      wrong.push(`${name}: a score`);
  }
  return { promise: "of those who left nothing is left", of: leavers.length, wrong };
}

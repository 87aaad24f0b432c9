/**
 * What the log of who looked costs: appends a second, one after the other and 32 at a time, beside
 * one bare insert into an object in the same way; and how long a member's day takes to be found among
 * a million entries, while they are recent and once they are in the archive. The real log alone.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { msPerDay } from "../domain/time.ts";
import { bundle } from "../local/runtime.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const rounds = 12;
const warmUp = 2;
const appendsPerRound = { serial: 400, at32: 3_200 };
const lanes = 32;
const filled = 1_000_000;
const filledAtOnce = 1_000;
const looks = 60;
const members = 10_000;
const daysUntilArchived = 9;
const stepsMax = 40;

export async function audit(): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "singlet-audit-"));
  const runtime = await start(folder);
  const ask = async (path: string): Promise<string> => {
    const response = await runtime.dispatchFetch(`http://bench${path}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${text}`);
    return text;
  };
  try {
    await ask(`/behind?ms=${daysUntilArchived * msPerDay}`);
    const serial = await rates(ask, appendsPerRound.serial, 1);
    const many = await rates(ask, appendsPerRound.at32, lanes);
    const found = await lookUps(ask);
    const [value, floor] = [percentile(many.append, 0.5), percentile(many.insert, 0.5)];
    return {
      name: "audit",
      value: rounded(value),
      unit: "appends/s at 32",
      floor: rounded(floor),
      ratio: rounded(value / floor),
      spread: rounded(percentile(many.append, 0.9) / percentile(many.append, 0.1)),
      level: "emulator",
      details: {
        serial: rounded(percentile(serial.append, 0.5)),
        serialFloor: rounded(percentile(serial.insert, 0.5)),
        serialRatio: rounded(percentile(serial.append, 0.5) / percentile(serial.insert, 0.5)),
        ...found,
      },
    };
  } finally {
    await runtime.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

type Ask = (path: string) => Promise<string>;

/** Calls a second of both; who goes second finds caches warm, so they take turns. */
async function rates(ask: Ask, n: number, at: number) {
  progress(`${rounds} rounds of ${n} appends and ${n} bare inserts, ${at} at a time`);
  const found = { append: [] as number[], insert: [] as number[] };
  for (let i = 0; i < rounds + warmUp; i++)
    for (const what of i % 2 === 0
      ? (["append", "insert"] as const)
      : (["insert", "append"] as const)) {
      const { ms } = await timed(() => ask(`/${what}?n=${n}&at=${at}`));
      if (i >= warmUp) found[what].push((n / ms) * 1_000);
    }
  const [append, insert] = [percentile(found.append, 0.5), percentile(found.insert, 0.5)];
  progress(`${append.toFixed(0)} appends a second, ${insert.toFixed(0)} bare inserts`);
  return found;
}

/** Milliseconds of a member's day out of a million entries, recent and archived. */
async function lookUps(ask: Ask): Promise<Readonly<Record<string, number>>> {
  const fromMs = Math.floor(Date.now() / msPerDay - daysUntilArchived) * msPerDay;
  const range = `&from=${fromMs}&to=${fromMs + 2 * msPerDay}`;
  for (let from = 0; from < filled; from += filledAtOnce) {
    await ask(`/fill?from=${from}&n=${filledAtOnce}`);
    if ((from + filledAtOnce) % 100_000 === 0) progress(`${from + filledAtOnce} entries`);
  }
  const published = await timed(() => ask("/publish"));
  progress(`published in ${published.ms.toFixed(0)} ms`);
  const times = async (what: string): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i < looks; i++) {
      const { ms, value } = await timed(() => ask(`/day?member=${(i * 613) % members}${range}`));
      if (Number(value) === 0) throw new Error("a member's entries were not found");
      all.push(ms);
    }
    const [half, most] = [percentile(all, 0.5), percentile(all, 1)];
    progress(`a member's day ${what}: ${half.toFixed(1)} ms median, ${most.toFixed(1)} ms at most`);
    return all;
  };
  const recent = await times("out of a million recent entries");
  await ask("/behind?ms=0");
  const archived = await timed(async () => {
    for (let step = 0; step < stepsMax; step++) {
      const moved = Number(await ask(`/keep-house?now=${Date.now()}`));
      if (moved === 0) return;
      progress(`${moved} entries archived`);
    }
  });
  progress(`archived in ${(archived.ms / 1_000).toFixed(1)} s`);
  const old = await times("out of an archived day of a million");
  return {
    recentDayMs: rounded(percentile(recent, 0.5)),
    recentDayMsMax: rounded(percentile(recent, 1)),
    archivedDayMs: rounded(percentile(old, 0.5)),
    archivedDayMsMax: rounded(percentile(old, 1)),
    publishOfAMillionMs: rounded(published.ms),
    archivingOfAMillionMs: rounded(archived.ms),
  };
}

async function start(folder: string): Promise<Miniflare> {
  const contents = await bundle(resolve(import.meta.dirname, "audit-worker.ts"));
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "audit",
      modules: [{ type: "ESModule", path: "audit.mjs", contents }],
      compatibilityDate: "2026-10-01",
      bindings: {
        LOG_KEY: randomBytes(32).toString("base64"),
        LOG_COUNTS: "1",
        LOG_ORIGIN: "log.bench",
        LOG_KEEPS_ACTORS: "[]",
        WITNESS_KEYS: "",
      },
      durableObjects: {
        LOG: { className: "AuditLog", useSQLite: true },
        OBJECT: { className: "Appended", useSQLite: true },
      },
      r2Buckets: ["LOG_TILES", "LOG_ENTRIES"],
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
  await runtime.ready;
  return runtime;
}

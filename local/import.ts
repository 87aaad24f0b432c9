/**
 * `npm run import`: Apple Health's export, read on this machine and sent in batches. Nothing of the
 * file is kept here, and sending it again counts nothing twice: a run that was cut short is run again.
 */
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AppleExport } from "../client/apple-export.ts";
import { memoryStore } from "../client/memory-store.ts";
import type { Batch, SyncSample } from "../client/sync-body.ts";
import {
  batchSamples,
  type Flushed,
  type Reply,
  SyncQueue,
  type Told,
} from "../client/sync-queue.ts";
import { xmlIn } from "./apple-file.ts";
import { say } from "./say.ts";
import { table } from "./table.ts";

const help = `npm run import -- FILE [options]

  FILE             export.xml of Apple Health, or the export.zip that holds it (on the phone: Health,
                   your picture, Export All Health Data). It is read piece by piece, however large.

  --token FILE     a file with your own token in it (default: the first member's of .singlet/local.json)
  --url URL        the edge (default: of .singlet/local.json)
  --since DATE     leave out what ended before that day, as 2026-01-31
  --batch N        samples in one batch (default ${batchSamples}, at most 10000)
  --dry-run        read the file and count, send nothing
  --help           this text

  Sent again, nothing counts twice. Workouts are counted and not sent: a phone sends them itself.
  Exit code 0: all of it is in. 1: refused or failed; run it again. 2: not understood.
`;

const root = resolve(import.meta.dirname, "..");
const answerWithinMs = 60_000;
const samplesPerBatchMax = 10_000;
const faultsShownMax = 10;
const progressEveryMs = 1_000;

interface Options {
  readonly file: string;
  readonly url: string;
  readonly token: string;
  readonly since: string;
  readonly perBatch: number;
  readonly isDry: boolean;
}

interface Sums {
  synced: number;
  duplicates: number;
  corrected: number;
  refused: number;
  batches: number;
  readonly faults: Map<string, number>;
}

const sending =
  ({ url, token }: Options) =>
  async ({ key, body }: Batch): Promise<Reply> => {
    const response = await fetch(`${url}/v1/sync`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
    return { status: response.status, text: await response.text(), retryAfterMs };
  };

function noted(sums: Sums, { batch, answer, status }: Told): void {
  sums.batches++;
  const faults = new Map<string, number>();
  if (answer === null) faults.set(`the whole batch: ${status}`, batch.samples);
  else {
    sums.synced += answer.synced;
    sums.duplicates += answer.duplicates;
    sums.corrected += answer.corrected;
    for (const { code } of answer.errorDetails) faults.set(code, (faults.get(code) ?? 0) + 1);
  }
  for (const [code, n] of faults) {
    sums.refused += n;
    sums.faults.set(code, (sums.faults.get(code) ?? 0) + n);
  }
}

async function run(options: Options): Promise<number> {
  const { size } = await stat(options.file);
  const reader = new AppleExport(options.since);
  const sums: Sums = {
    ...{ synced: 0, duplicates: 0, corrected: 0, refused: 0, batches: 0 },
    faults: new Map(),
  };
  const ports = {
    store: memoryStore(),
    send: sending(options),
    sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
    random: Math.random,
  };
  const queue = new SyncQueue(ports, (told) => noted(sums, told));
  let [read, shownMs] = [0, 0];
  const show = (isLast: boolean) => {
    if (!isLast && Date.now() - shownMs < progressEveryMs) return;
    shownMs = Date.now();
    const share = size === 0 ? 100 : Math.round((100 * read) / size);
    const line = `${share} %  ${reader.counts.samples} samples read, ${sums.batches} batches answered`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line}${isLast ? "\n" : ""}`);
    else process.stderr.write(`${line}\n`);
  };
  let waiting: SyncSample[] = [];
  let flushed: Flushed = "sent";
  const flush = async (least: number) => {
    while (!options.isDry && flushed === "sent" && waiting.length >= least && waiting.length > 0) {
      await queue.offer(waiting.splice(0, options.perBatch), options.perBatch);
      flushed = await queue.flush();
      show(false);
    }
    if (options.isDry) waiting = [];
  };
  for await (const text of xmlIn(options.file, (bytes) => {
    read = bytes;
  })) {
    waiting.push(...reader.take(text));
    await flush(options.perBatch);
    show(false);
    if (flushed !== "sent") break;
  }
  await flush(1);
  show(true);
  return summed(reader, sums, flushed, options.isDry);
}

function summed(reader: AppleExport, sums: Sums, flushed: Flushed, isDry: boolean): number {
  const { counts } = reader;
  if (!reader.isExport) {
    say("This is no export of Apple Health: there is no HealthData in it.");
    return 2;
  }
  const rows = [
    ["samples in the file", counts.samples],
    ...(isDry
      ? []
      : [
          ["new", sums.synced],
          ["known already", sums.duplicates],
          ["corrected", sums.corrected],
          ["refused", sums.refused],
        ]),
    ["without a time or a value", counts.unreadable],
    ["of other kinds", [...counts.others.values()].reduce((a, b) => a + b, 0)],
    ["workouts (not sent)", counts.workouts],
  ].map(([what, n]) => [String(what), Number(n).toLocaleString("en-US")]);
  say(table(["", "records"], rows));
  const faults = [...sums.faults].sort(([, a], [, b]) => b - a).slice(0, faultsShownMax);
  if (faults.length > 0)
    say(
      `\n${table(
        ["refused as", "samples"],
        faults.map(([c, n]) => [c, String(n)]),
      )}`,
    );
  if (!reader.isWhole && flushed === "sent")
    say("\nThe file breaks off: what follows is not in. Export it again.");
  if (flushed === "offline")
    say("\nSinglet does not answer. Run it again later: nothing counts twice.");
  if (flushed === "signed-out") say("\nThe token is refused. Run it again with a fresh one.");
  return flushed === "sent" && sums.refused === 0 && reader.isWhole ? 0 : 1;
}

/** Null: not understood, and it was said why. */
async function optionsOf(): Promise<Options | null> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      token: { type: "string" },
      url: { type: "string" },
      since: { type: "string" },
      batch: { type: "string" },
      "dry-run": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const [file] = positionals;
  if (values.help || file === undefined || positionals.length > 1) {
    say(help);
    return null;
  }
  const perBatch = Number(values.batch ?? batchSamples);
  if (!Number.isInteger(perBatch) || perBatch < 1 || perBatch > samplesPerBatchMax) {
    say(`--batch is a number from 1 to ${samplesPerBatchMax}`);
    return null;
  }
  const { since = "" } = values;
  if (since !== "" && !/^\d{4}-\d{2}-\d{2}$/.test(since)) {
    say("--since is a day, as 2026-01-31");
    return null;
  }
  const isDry = values["dry-run"] === true;
  const local = isDry ? {} : await localSystem();
  const token =
    values.token === undefined ? local.token : (await readFile(values.token, "utf8")).trim();
  const url = values.url ?? local.url;
  if (!isDry && (token === undefined || url === undefined)) {
    say("Where to? Say --url and --token, or have `npm start` running here.");
    return null;
  }
  return { file, url: url ?? "", token: token ?? "", since, perBatch, isDry };
}

/** What `npm start` wrote down of the system that runs here; nothing where none does. */
async function localSystem(): Promise<{ readonly url?: string; readonly token?: string }> {
  try {
    const local = JSON.parse(await readFile(join(root, ".singlet/local.json"), "utf8"));
    return { url: local.url, token: local.tokens?.ada };
  } catch {
    return {};
  }
}

async function main(): Promise<number> {
  try {
    const options = await optionsOf();
    if (options === null) return process.argv.includes("--help") ? 0 : 2;
    return await run(options);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

process.exitCode = await main();

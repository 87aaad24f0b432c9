/**
 * Apple Health's export out of a file in the browser: read slice by slice, never held whole, and sent
 * in batches that count once however often they are sent. Knows no page and no worker.
 */
import { AppleExport } from "../../../client/apple-export.ts";
import { beginsAsZip, xmlOf } from "../../../client/apple-xml.ts";
import { memoryStore } from "../../../client/memory-store.ts";
import type { SyncSample } from "../../../client/sync-body.ts";
import { batchSamples, type QueuePorts, SyncQueue, type Told } from "../../../client/sync-queue.ts";

const sliceBytes = 128 * 1024;

export interface ImportCounts {
  /** Bytes of the file. */
  readonly read: number;
  readonly size: number;
  /** Samples found, and of them answered for. */
  readonly found: number;
  readonly sent: number;
  readonly added: number;
  readonly known: number;
  readonly corrected: number;
  readonly refused: number;
  /** Records of a kind that Singlet has, without a time or a value. */
  readonly unreadable: number;
  readonly others: number;
  readonly workouts: number;
}

/** broken-off: the file ends early. offline, signed-out: what follows was not sent. */
export type ImportEnd = "done" | "broken-off" | "no-export" | "damaged" | "offline" | "signed-out";

export type ImportPorts = Omit<QueuePorts, "store">;

const noCounts = { sent: 0, added: 0, known: 0, corrected: 0, refused: 0 };

/** `tell`: how far it is, after each slice and each answer. */
export async function runImport(
  file: Blob,
  ports: ImportPorts,
  tell: (counts: ImportCounts) => void,
): Promise<ImportEnd> {
  const reader = new AppleExport();
  let sums = noCounts;
  let read = 0;
  const isZip = beginsAsZip(new Uint8Array(await file.slice(0, 2).arrayBuffer()));
  const show = () => tell({ ...sums, ...readSoFar(reader), read, size: file.size });
  const queue = new SyncQueue({ ...ports, store: memoryStore() }, (told) => {
    sums = summed(sums, told);
    show();
  });
  const send = async (samples: readonly SyncSample[]) => {
    await queue.offer(samples);
    return queue.flush();
  };
  const slices = slicesOf(file, (bytes) => {
    read = bytes;
  });
  const waiting: SyncSample[] = [];
  let isDamaged = false;
  try {
    for await (const text of xmlOf(slices)) {
      for (const sample of reader.take(text)) waiting.push(sample);
      show();
      while (waiting.length >= batchSamples) {
        const flushed = await send(waiting.splice(0, batchSamples));
        if (flushed !== "sent") return flushed;
      }
    }
  } catch {
    isDamaged = reader.isExport || isZip;
  }
  if (!reader.isExport) return isDamaged ? "damaged" : "no-export";
  const flushed = await send(waiting);
  if (flushed !== "sent") return flushed;
  show();
  if (isDamaged) return "damaged";
  return reader.isWhole ? "done" : "broken-off";
}

async function* slicesOf(file: Blob, progress: (read: number) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += sliceBytes) {
    const slice = await file.slice(at, at + sliceBytes).arrayBuffer();
    progress(at + slice.byteLength);
    yield new Uint8Array(slice);
  }
}

function readSoFar({ counts }: AppleExport) {
  const { samples: found, unreadable, workouts } = counts;
  const others = [...counts.others.values()].reduce((sum, n) => sum + n, 0);
  return { found, unreadable, workouts, others };
}

/** A batch that was refused whole is refused sample by sample. */
function summed(sums: typeof noCounts, { batch, answer }: Told): typeof noCounts {
  return {
    sent: sums.sent + batch.samples,
    added: sums.added + (answer?.synced ?? 0),
    known: sums.known + (answer?.duplicates ?? 0),
    corrected: sums.corrected + (answer?.corrected ?? 0),
    refused: sums.refused + (answer?.errors ?? batch.samples),
  };
}

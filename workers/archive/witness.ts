/**
 * The witness: co-signs what a log published if it has what was co-signed before as its beginning.
 * It trusts nobody's memory but its own bucket: `witness/<log>/latest` is swapped by etag before a
 * co-signature leaves, so it never signs two histories, whatever runs at once or crashes.
 */
import type { Instant } from "../../domain/time.ts";
import { type Checkpoint, parseCheckpoint } from "../../kernel/tlog/checkpoint.ts";
import { cosigner, parseVerifierKey, type Verifier } from "../../kernel/tlog/note.ts";
import { addCheckpoint } from "../../kernel/tlog/witness.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { ArchiveEnv } from "./env.ts";

export type WitnessEnv = Pick<
  ArchiveEnv,
  "ARCHIVE" | "LOG_KEYS" | "VAULT_LOG" | "WITNESS_KEY" | "WITNESS_NAME"
>;

type Outcome =
  | { readonly outcome: "cosigned" | "delivered" | "nothing-new" | "overtaken" }
  | { readonly outcome: "refused"; readonly reason: string };

/** The newest co-signed note of a log, and whether the vault said that it has it. */
interface State {
  readonly etag: string;
  readonly note: string;
  readonly kept: boolean;
  readonly checkpoint: Checkpoint;
}

interface Watched {
  readonly log: number;
  readonly verifier: Verifier;
}

type Cosign = Awaited<ReturnType<typeof cosigner>>["cosign"];

/** Every log gets its turn; then it throws if one of them was refused or failed. */
export async function witness(env: WitnessEnv, now: () => Instant): Promise<void> {
  const keys = env.LOG_KEYS.split(/\s+/).filter((key) => key !== "");
  if (keys.length === 0) return;
  const seed = Uint8Array.from(atob(env.WITNESS_KEY), (c) => c.charCodeAt(0));
  const { cosign } = await cosigner(env.WITNESS_NAME, seed);
  let wrong = 0;
  for (const key of keys) {
    const startedMs = now();
    const told = { worker: "archive", event: "witness", stream: key.split("+")[0] ?? "" };
    try {
      const outcome = await watch(env, await watched(key), cosign, now);
      if (outcome.outcome === "refused") wrong++;
      logLine({ ...told, ...outcome, durationMs: now() - startedMs });
    } catch (error) {
      wrong++;
      const durationMs = now() - startedMs;
      logLine({ ...told, outcome: "failed", error: errorClass(error), durationMs });
    }
  }
  if (wrong > 0) throw new Error(`${wrong} of ${keys.length} logs could not be witnessed`);
}

/** The log's number is the last element of its name. */
async function watched(key: string): Promise<Watched> {
  const verifier = await parseVerifierKey(key);
  const number = /\/(0|[1-9]\d{0,5})$/.exec(verifier?.name ?? "")?.[1];
  if (verifier?.type !== 1 || number === undefined)
    throw new Error("LOG_KEYS has something that is no key of a numbered log");
  return { log: Number(number), verifier };
}

/**
 *   1. the state is read                  what the vault has not said to have is handed over again
 *   2. the vault is asked from that size  a crash here: nothing happened
 *   3. its answer is judged, co-signed    a crash here: the signature was in memory only
 *   4. the state is swapped by its etag   a crash here: the next run reads an undelivered state and
 *                                         goes on at 5; a run that swaps second signs nothing
 *   5. the note is kept under its size    a crash here: the next run finds it there
 *   6. the vault is handed the note       a crash here: handed over again; the vault keeps it once
 *   7. the state says that it is kept     a lost swap here: handed over again
 */
async function watch(
  env: WitnessEnv,
  { log, verifier }: Watched,
  cosign: Cosign,
  now: () => Instant,
): Promise<Outcome> {
  const origin = verifier.name;
  const state = await readState(env.ARCHIVE, log, origin);
  if (state && !state.kept && !(await deliver(env, log, state))) return notKept;
  const body = await env.VAULT_LOG.checkpointFor(log, state?.checkpoint.size ?? 0);
  if (body === null) return { outcome: state && !state.kept ? "delivered" : "nothing-new" };
  const logs = new Map([[origin, verifier]]);
  const judged = await addCheckpoint(body, logs, () => state?.checkpoint ?? null);
  if (judged.status !== 200) return { outcome: "refused", reason: String(judged.status) };
  // Delivering may have swapped the state since: only what has the same note is what was judged.
  const from = state?.kept === false ? await readState(env.ARCHIVE, log, origin) : state;
  if (from?.note !== state?.note) return { outcome: "overtaken" };
  const text = judged.note.slice(0, judged.note.indexOf("\n\n") + 1);
  const note = judged.note + (await cosign(text, Math.floor(now() / 1000)));
  const etag = await swap(env.ARCHIVE, log, from?.etag ?? null, { note, kept: false });
  if (etag === null) return { outcome: "overtaken" };
  const swapped = { etag, note, kept: false, checkpoint: judged.checkpoint };
  return (await deliver(env, log, swapped)) ? { outcome: "cosigned" } : notKept;
}

const notKept: Outcome = { outcome: "refused", reason: "not-kept" };

/** Steps 5 to 7. */
async function deliver(env: WitnessEnv, log: number, state: State): Promise<boolean> {
  const { note, etag, checkpoint } = state;
  await env.ARCHIVE.put(`witness/${log}/${checkpoint.size}`, note, {
    onlyIf: { etagDoesNotMatch: "*" },
  });
  if ((await env.VAULT_LOG.cosigned(log, note)) !== "kept") return false;
  await swap(env.ARCHIVE, log, etag, { note, kept: true });
  return true;
}

const stateKey = (log: number): string => `witness/${log}/latest`;

/** Null if nothing was co-signed yet. What cannot be read is never taken for that. */
async function readState(bucket: R2Bucket, log: number, origin: string): Promise<State | null> {
  const object = await bucket.get(stateKey(log));
  if (object === null) return null;
  const { note, kept } = (await object.json()) as { note: string; kept: boolean };
  const checkpoint = parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1));
  if (checkpoint?.origin !== origin) throw new Error("the witness's state is of another log");
  return { etag: object.etag, note, kept, checkpoint };
}

/** The new etag; null if the state is no longer what it was. */
async function swap(
  bucket: R2Bucket,
  log: number,
  etag: string | null,
  state: Pick<State, "note" | "kept">,
): Promise<string | null> {
  const onlyIf = etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag };
  return (await bucket.put(stateKey(log), JSON.stringify(state), { onlyIf }))?.etag ?? null;
}

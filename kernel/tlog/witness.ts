/**
 * How a witness judges a checkpoint it is asked to co-sign (c2sp.org/tlog-witness), told in the
 * protocol's statuses. It only judges: the caller swaps its state from what `known` said to the
 * judged checkpoint, and co-signs if no one else swapped first.
 */
import { type Checkpoint, parseCheckpoint, parseHash, parseSize } from "./checkpoint.ts";
import { emptyRoot, type Hash, isSameHash, verifyConsistency } from "./merkle.ts";
import { base64Of, openNote, type Verifier } from "./note.ts";

const proofLinesMax = 63;

export type WitnessJudgement =
  | {
      readonly status: 200;
      readonly origin: string;
      readonly checkpoint: Checkpoint;
      readonly note: string;
    }
  /** Size: with 409, of what was co-signed last. */
  | { readonly status: 400 | 403 | 404 | 409 | 422; readonly size?: number };

/** What was co-signed last for a log; null: nothing yet. */
export type KnownTree = (
  origin: string,
) => { readonly size: number; readonly root: Uint8Array } | null;

interface Asked {
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

export const addCheckpointBody = (
  oldSize: number,
  proof: readonly Uint8Array[],
  note: string,
): string => `old ${oldSize}\n${proof.map((hash) => `${base64Of(hash)}\n`).join("")}\n${note}`;

function parseBody(body: string): Asked | null {
  const split = body.indexOf("\n\n");
  if (split < 0) return null;
  const [first = "", ...lines] = body.slice(0, split).split("\n");
  const note = body.slice(split + 2);
  const oldSize = first.startsWith("old ") ? parseSize(first.slice("old ".length)) : null;
  const proof = lines.map(parseHash);
  // A checkpoint has no empty line, so its text ends where the first one is.
  const checkpoint = parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1));
  if (oldSize === null || checkpoint === null) return null;
  if (proof.length > proofLinesMax || proof.includes(null)) return null;
  return { oldSize, proof: proof as Hash[], checkpoint, note };
}

export async function addCheckpoint(
  body: string,
  logs: ReadonlyMap<string, Verifier>,
  known: KnownTree,
): Promise<WitnessJudgement> {
  const asked = parseBody(body);
  if (!asked) return { status: 400 };
  const { oldSize, checkpoint, note } = asked;
  const verifier = logs.get(checkpoint.origin);
  if (!verifier) return { status: 404 };
  const opened = await openNote(note, [verifier]);
  if (!opened) return { status: 403 };
  if (oldSize > checkpoint.size) return { status: 400 };
  const last = known(checkpoint.origin);
  if (oldSize !== (last?.size ?? 0)) return { status: 409, size: last?.size ?? 0 };
  if (!(await isGrown(asked, last?.root ?? (await emptyRoot())))) return { status: 422 };
  return { status: 200, origin: checkpoint.origin, checkpoint, note };
}

/** Whether the checkpoint has the known tree as its beginning; from nothing, everything has. */
async function isGrown({ oldSize, proof, checkpoint }: Asked, root: Uint8Array): Promise<boolean> {
  const { size } = checkpoint;
  if (size === oldSize) return proof.length === 0 && isSameHash(checkpoint.root, root);
  if (oldSize === 0) return proof.length === 0;
  return verifyConsistency(BigInt(oldSize), BigInt(size), proof, root, checkpoint.root);
}

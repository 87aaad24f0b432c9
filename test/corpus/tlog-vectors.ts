/**
 * Judges published vectors of logs inside workerd, through kernel/tlog: Merkle hashes and proofs,
 * notes, tiles and the witness protocol. Each judge takes a file's text, for some of its numbers
 * are larger than JSON.parse keeps.
 */
import { checkpointText, parseCheckpoint } from "../../kernel/tlog/checkpoint.ts";
import {
  consistencyProof,
  emptyRoot,
  type Hash,
  leafHash,
  nodeHash,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from "../../kernel/tlog/merkle.ts";
import {
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
  type Verifier,
} from "../../kernel/tlog/note.ts";
import {
  hashReader,
  numberPath,
  parseTilePath,
  tilePath,
  tilesBetween,
  tileWidth,
} from "../../kernel/tlog/tile.ts";
import { addCheckpoint, addCheckpointBody } from "../../kernel/tlog/witness.ts";

/** What is wrong about each case, in the file's order; null if nothing is. */
type Judge = (text: string) => Promise<(string | null)[]>;

const utf8 = (text: string) => new TextEncoder().encode(text);
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const hexOf = (hash: Uint8Array) =>
  [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const wrongIf = (isWrong: boolean, why: string): string | null => (isWrong ? why : null);

const judgeHasher: Judge = async (text) => {
  const { empty_root, leaf, node } = JSON.parse(text);
  const wrong = [wrongIf(hexOf(await emptyRoot()) !== empty_root, "the empty root")];
  for (const { data, hash } of leaf)
    wrong.push(wrongIf(hexOf(await leafHash(utf8(data))) !== hash, `leaf ${data}`));
  for (const { left, right, hash } of node)
    wrong.push(wrongIf(hexOf(await nodeHash(utf8(left), utf8(right))) !== hash, `node ${left}`));
  return wrong;
};

interface Probe {
  readonly desc: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  /** Numbers are text. */
  readonly [field: string]: unknown;
}

/** Whole numbers become text before JSON.parse can round them. */
const probesIn = (text: string): readonly Probe[] =>
  JSON.parse(text.replace(/("(?:leafIdx|treeSize|size1|size2)":\s*)(\d+)/g, '$1"$2"')).probes;

const judgeProofs =
  (verify: (probe: Probe, proof: readonly Hash[]) => Promise<boolean>): Judge =>
  async (text) => {
    const wrong: (string | null)[] = [];
    for (const probe of probesIn(text)) {
      const isVerified = await verify(probe, (probe.proof ?? []).map(bytesOf));
      wrong.push(wrongIf(isVerified === probe.wantErr, `${probe.desc}: verified ${isVerified}`));
    }
    return wrong;
  };

const bigOf = (field: unknown): bigint => BigInt(field as string);
const hashOf = (field: unknown): Hash => bytesOf(field as string);

const judgeInclusion = judgeProofs(({ leafIdx, treeSize, leafHash: leaf, root }, proof) =>
  verifyInclusion(bigOf(leafIdx), bigOf(treeSize), hashOf(leaf), proof, hashOf(root)),
);
const judgeConsistency = judgeProofs(({ size1, size2, root1, root2 }, proof) =>
  verifyConsistency(bigOf(size1), bigOf(size2), proof, hashOf(root1), hashOf(root2)),
);

interface NoteCase {
  readonly name: string;
  readonly note_b64: string;
  readonly verifiers: readonly string[];
  readonly ok: boolean;
  readonly verified?: readonly string[];
  readonly unverified?: readonly string[];
}

const judgeNotes: Judge = async (text) => {
  const { signer, sign, bad_vkeys, cases } = JSON.parse(text);
  const wrong = [await judgeSigning(signer, sign)];
  for (const vkey of bad_vkeys)
    wrong.push(wrongIf((await parseVerifierKey(vkey)) !== null, `a bad key was taken: ${vkey}`));
  const vkeys = new Set<string>(cases.flatMap(({ verifiers }: NoteCase) => verifiers));
  let mangled: string | null = null;
  for (const vkey of vkeys) mangled ??= await judgeMangling(vkey);
  wrong.push(mangled);
  for (const one of cases as NoteCase[]) wrong.push(await judgeNote(one));
  return wrong;
};

/** A key in Go's form: `PRIVATE+KEY+<name>+<key id>+<type and seed>`. */
async function judgeSigning(key: string, { text, want }: { text: string; want: string }) {
  const [name = "", , base64 = ""] = key.replace("PRIVATE+KEY+", "").split(/\+(.{8})\+/);
  const signer = await noteSigner(name, bytesOf(base64).slice(1));
  return wrongIf((await signNote(text, signer)) !== want, "signed, it is another note");
}

async function judgeMangling(vkey: string): Promise<string | null> {
  if ((await parseVerifierKey(vkey)) === null) return `a good key was refused: ${vkey}`;
  const cuts = Array.from({ length: vkey.length + 1 }, (_, i) => i);
  const parts = cuts.flatMap((from) => cuts.slice(from + 1).map((to) => vkey.slice(from, to)));
  const raised = cuts.slice(0, -1).map((i) => {
    const next = String.fromCharCode(vkey.charCodeAt(i) + 1);
    return vkey.slice(0, i) + next + vkey.slice(i + 1);
  });
  for (const mangled of [...parts.filter((part) => part !== vkey), ...raised])
    if ((await parseVerifierKey(mangled)) !== null) return `a mangled key was taken: ${mangled}`;
  return null;
}

async function judgeNote({ name, note_b64, verifiers, ...want }: NoteCase) {
  const known = await Promise.all(verifiers.map(parseVerifierKey));
  if (known.includes(null)) return `${name}: a key was refused`;
  const opened = await openNote(bytesOf(note_b64), known as Verifier[]);
  if ((opened !== null) !== want.ok) return `${name}: ${opened === null ? "refused" : "opened"}`;
  for (const list of ["verified", "unverified"] as const) {
    const found = opened?.[list].map((key) => key.name).join();
    if (want[list] !== undefined && found !== want[list].join()) return `${name}: ${list} ${found}`;
  }
  return null;
}

const judgeTiles: Judge = async (text) => {
  const { c2sp_paths, c2sp_sizes, go_paths, new_tiles_height10 } = JSON.parse(text);
  const wrong: (string | null)[] = [];
  for (const { index, want } of c2sp_paths)
    wrong.push(wrongIf(numberPath(index) !== want, `${index} is not ${want}`));
  for (const { size, ...want } of c2sp_sizes) wrong.push(judgeSizes(size, want));
  for (const [path, isPath] of go_paths) wrong.push(judgeGoPath(path, isPath));
  for (const [from, to, count] of new_tiles_height10)
    wrong.push(
      wrongIf(tilesBetween(from, to, 10).length !== count, `${from} to ${to}: not ${count} tiles`),
    );
  return wrong;
};

/** How many full tiles a level has and how wide its partial one is: what is not said is none. */
function judgeSizes(size: number, want: Readonly<Record<string, number>>): string | null {
  const found: Record<string, number> = {};
  for (const { level, width } of tilesBetween(0, size)) {
    const isFull = width === tileWidth;
    const key = `${isFull ? "full" : "partial"}_l${level}`;
    found[key] = isFull ? (found[key] ?? 0) + 1 : width;
  }
  const keys = [...new Set([...Object.keys(found), ...Object.keys(want)])];
  return wrongIf(
    keys.some((key) => found[key] !== want[key]),
    `${size}: ${JSON.stringify(found)}`,
  );
}

/** Go's paths have the height before the level, and "data" for entries. */
function judgeGoPath(path: string, isPath: boolean): string | null {
  const ours = path.replace(/^tile\/\d+\//, "tile/").replace("/data/", "/entries/");
  const parsed = parseTilePath(ours);
  if ((parsed !== null) !== isPath) return `${path}: ${isPath ? "refused" : "taken"}`;
  if (parsed === null || parsed.level === "entries") return null;
  return wrongIf(tilePath(parsed.level, parsed.n, parsed.width) !== ours, `${path}: another path`);
}

const origin = "log.example/0";
const stranger = "log.example/1";

/** A log of seven entries whose state at three the witness knows, and what it may be asked. */
async function witnessScene() {
  const signer = await noteSigner(origin, new Uint8Array(32).fill(1));
  const other = await noteSigner(stranger, new Uint8Array(32).fill(2));
  const forger = { ...signer, sign: other.sign };
  const verifier = await parseVerifierKey(signer.verifierKey);
  if (verifier === null) throw new Error("our own key is none");
  const leaves = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((n) => leafHash(utf8(`${n}`))));
  const row = Uint8Array.from(leaves.flatMap((leaf) => [...leaf]));
  const read = hashReader(leaves.length, async () => row);
  const root = (size: number) => rootAt(size, read);
  const note = async (size: number, by = signer, rootOf = size, name = origin) =>
    signNote(checkpointText({ origin: name, size, root: await root(rootOf) }), by);
  const known = { size: 3, root: await root(3) };
  const ask = async (old: number, proof: readonly Hash[], signed: string, last = known) => {
    const state = old === 0 && last === known ? null : last;
    return (
      await addCheckpoint(
        addCheckpointBody(old, proof, signed),
        new Map([[origin, verifier]]),
        () => state,
      )
    ).status;
  };
  const proof = await consistencyProof(3, 7, read);
  const asking: Readonly<Record<string, readonly (() => Promise<number>)[]>> = {
    "unknown origin": [async () => ask(3, proof, await note(7, other, 7, stranger))],
    "no trusted signature, or known key with bad signature": [
      async () => ask(3, proof, await note(7, other)),
      async () => ask(3, proof, await note(7, forger)),
    ],
    "old size > checkpoint size": [async () => ask(3, [], await note(2))],
    "old size != latest cosigned": [async () => ask(2, proof, await note(7))],
    "bad consistency proof, or non-empty proof with old 0, or equal size with other root, or size 0 with other than the empty root":
      [
        async () => ask(3, proof.slice(1), await note(7)),
        async () => ask(3, proof, await note(7, signer, 6)),
        async () => ask(0, proof, await note(7)),
        async () => ask(3, [], await note(3, signer, 4)),
        async () => ask(0, [], await note(0, signer, 1)),
      ],
    ok: [
      async () => ask(3, proof, await note(7)),
      async () => ask(3, [], await note(3)),
      async () => ask(0, [], await note(7)),
      async () => ask(0, [], await note(0)),
    ],
  };
  return asking;
}

const judgeWitness: Judge = async (text) => {
  const { add_checkpoint_rules, checkpoint_example } = JSON.parse(text);
  const scene = await witnessScene();
  const wrong: (string | null)[] = [];
  for (const { case: name, status } of add_checkpoint_rules) {
    const found: number[] = [];
    for (const ask of scene[name] ?? []) found.push(await ask());
    const isRight = found.length > 0 && found.every((one) => one === status);
    wrong.push(wrongIf(!isRight, `${name}: ${found}, not ${status}`));
  }
  const body = checkpoint_example.slice(0, checkpoint_example.indexOf("\n\n") + 1);
  const parsed = parseCheckpoint(body);
  const isSame = parsed !== null && checkpointText(parsed) === body;
  wrong.push(wrongIf(!isSame, "the example is no checkpoint"));
  return wrong;
};

export const tlogJudges: Readonly<Record<string, Judge>> = {
  "rfc6962-merkle/hasher.json": judgeHasher,
  "rfc6962-merkle/inclusion.json": judgeInclusion,
  "rfc6962-merkle/consistency.json": judgeConsistency,
  "tlog/notes.json": judgeNotes,
  "tlog/tiles.json": judgeTiles,
  "tlog/witness-protocol.json": judgeWitness,
};

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkpointText } from "../../kernel/tlog/checkpoint.ts";
import { consistencyProof, rootAt } from "../../kernel/tlog/merkle.ts";
import {
  cosigner,
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
  type Verifier,
} from "../../kernel/tlog/note.ts";
import { addCheckpointBody } from "../../kernel/tlog/witness.ts";
import { type WitnessEnv, witness } from "../../workers/archive/witness.ts";
import { type MemoryR2Options, memoryR2 } from "../fakes/memory-r2.ts";
import { leavesOf, logOf } from "../kernel/tlog/logs.ts";

const witnessSeed = new Uint8Array(32).fill(9);
const nowMs = 1_794_700_000_000;
/** A state read, swapped, a note kept, the state swapped again; of the log without news one read. */
const callsOfTwoRuns = 10;

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});
const told = (): string[] =>
  vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(String(line)).outcome);

/** A vault of two logs that say what a test has them say. */
async function world(options: MemoryR2Options = {}) {
  const signers = await Promise.all(
    [0, 1].map((n) => noteSigner(`log.example/${n}`, new Uint8Array(32).fill(1))),
  );
  const leaves = await leavesOf(30);
  const read = (size: number) => logOf(leaves, size).then((log) => log.read);
  const size = [0, 0];
  /** Of which size the root is, where it is not the true one. */
  const lies = new Map<number, number>();
  const answers: ("kept" | "refused" | Error)[] = [];
  const delivered: [log: number, note: string][] = [];
  const asked: [log: number, known: number][] = [];
  const vault: WitnessEnv["VAULT_LOG"] = {
    async checkpointFor(log, known) {
      asked.push([log, known]);
      const [signer, published = 0] = [signers[log], size[log]];
      if (signer === undefined) throw new Error("no such log");
      if (published === 0 || published === known) return null;
      const root = await rootAt(lies.get(log) ?? published, await read(30));
      const note = await signNote(
        checkpointText({ origin: signer.name, size: published, root }),
        signer,
      );
      const proof =
        known > published ? [] : await consistencyProof(known, published, await read(published));
      return addCheckpointBody(known, proof, note);
    },
    async cosigned(log, note) {
      const answer = answers.shift() ?? "kept";
      if (answer instanceof Error) throw answer;
      if (answer === "kept") delivered.push([log, note]);
      return answer;
    },
  };
  const bucket = memoryR2(options);
  const env: WitnessEnv = {
    ARCHIVE: bucket as unknown as WitnessEnv["ARCHIVE"],
    LOG_KEYS: signers.map((signer) => signer.verifierKey).join("\n "),
    VAULT_LOG: vault,
    WITNESS_KEY: Buffer.from(witnessSeed).toString("base64"),
    WITNESS_NAME: "witness.example",
  };
  const run = () => witness(env, () => nowMs);
  return { env, run, size, lies, answers, delivered, asked, bucket, signers };
}
const sizeOf = (note: string): number => Number(note.split("\n")[1]);
const textAt = (bucket: ReturnType<typeof memoryR2>, key: string): string =>
  new TextDecoder().decode(bucket.objects.get(key)?.bytes);

describe("the witness", () => {
  test("co-signs what grew, keeps it under its size and hands it back once", async () => {
    const { run, size, delivered, asked, bucket, signers } = await world();
    size.splice(0, 2, 5, 7);
    await run();
    size[0] = 12;
    await run();
    await run();
    expect(asked.slice(4)).toEqual([
      [0, 12],
      [1, 7],
    ]);
    expect(delivered.map(([log, note]) => [log, sizeOf(note)])).toEqual([
      [0, 5],
      [1, 7],
      [0, 12],
    ]);
    const own = (await cosigner("witness.example", witnessSeed)).verifierKey;
    for (const [log, note] of delivered) {
      expect(textAt(bucket, `witness/${log}/${sizeOf(note)}`)).toBe(note);
      const keys = [signers[log]?.verifierKey ?? "", own].map(parseVerifierKey);
      const opened = await openNote(note, (await Promise.all(keys)) as Verifier[]);
      expect(opened?.verified.map(({ name }) => name)).toEqual([
        `log.example/${log}`,
        "witness.example",
      ]);
    }
    expect(told().slice(-2)).toEqual(["nothing-new", "nothing-new"]);
  });

  test.each([
    ["a rewritten history", 12, 11],
    ["a shortened log", 4, 4],
  ])("refuses %s, fails visibly, and still co-signs the other log", async (_, grown, root) => {
    const { run, size, lies, delivered, bucket } = await world();
    size[0] = 5;
    await run();
    const before = textAt(bucket, "witness/0/latest");
    size.splice(0, 2, grown, 7);
    lies.set(0, root);
    await expect(run()).rejects.toThrow("1 of 2");
    expect(told().slice(-2)).toEqual(["refused", "cosigned"]);
    expect(delivered.map(([log, note]) => [log, sizeOf(note)])).toEqual([
      [0, 5],
      [1, 7],
    ]);
    expect(textAt(bucket, "witness/0/latest")).toBe(before);
    expect(bucket.objects.has(`witness/0/${grown}`)).toBe(false);
  });

  test.each([
    ["could not be reached", new Error("unreachable")],
    ["refused it", "refused" as const],
  ])("hands a note over again after the vault %s", async (_, answer) => {
    const { run, size, answers, delivered } = await world();
    size[0] = 5;
    answers.push(answer);
    await expect(run()).rejects.toThrow("1 of 2");
    expect(delivered).toEqual([]);
    await run();
    await run();
    expect(delivered.map(([log, note]) => [log, sizeOf(note)])).toEqual([[0, 5]]);
  });

  test("loses nothing and signs one history, whichever call to the bucket fails", async () => {
    for (const failure of ["before", "after"] as const)
      for (let nth = 0; nth < callsOfTwoRuns; nth++) {
        let calls = 0;
        const fail = () => (calls++ === nth ? failure : null);
        const { run, size, delivered, bucket } = await world({ fail });
        size[0] = 5;
        await run().catch(() => {});
        size[0] = 12;
        await run().catch(() => {});
        await run();
        const sizes = delivered.filter(([log]) => log === 0).map(([, note]) => sizeOf(note));
        expect(sizes.at(-1), `${failure} ${nth}`).toBe(12);
        expect(JSON.parse(textAt(bucket, "witness/0/latest")).kept).toBe(true);
        const kept = [...bucket.objects.keys()].filter((key) => /^witness\/0\/\d+$/.test(key));
        expect(new Set(sizes.map((one) => `witness/0/${one}`))).toEqual(new Set(kept));
        for (const [, note] of delivered)
          expect(textAt(bucket, `witness/0/${sizeOf(note)}`)).toBe(note);
      }
  });

  test("signs nothing when another run swapped the state first", async () => {
    const { env, size, run, delivered, bucket } = await world();
    size[0] = 5;
    await run();
    size[0] = 12;
    const inner = env.VAULT_LOG.checkpointFor;
    let isFirst = true;
    const slow: WitnessEnv = {
      ...env,
      VAULT_LOG: {
        ...env.VAULT_LOG,
        async checkpointFor(log, known) {
          const body = await inner(log, known);
          if (isFirst) {
            isFirst = false;
            size[0] = 20;
            await run();
          }
          return body;
        },
      },
    };
    await witness(slow, () => nowMs);
    expect(delivered.map(([, note]) => sizeOf(note))).toEqual([5, 20]);
    expect(told()).toContain("overtaken");
    expect(bucket.objects.has("witness/0/12")).toBe(false);
  });

  test("does nothing without logs, and fails for a key that is none", async () => {
    const { env, asked } = await world();
    await witness({ ...env, LOG_KEYS: " \n", WITNESS_KEY: "" }, () => nowMs);
    expect(asked).toEqual([]);
    const [first = "", second = ""] = env.LOG_KEYS.split(/\s+/);
    const LOG_KEYS = `${first.slice(1)} ${second}`;
    await expect(witness({ ...env, LOG_KEYS }, () => nowMs)).rejects.toThrow("1 of 2");
    expect(asked).toEqual([[1, 0]]);
  });

  test("takes a state that it cannot read for a fault, not for a beginning", async () => {
    const { run, size, bucket, delivered } = await world();
    size[0] = 5;
    await bucket.put("witness/0/latest", JSON.stringify({ note: "?", kept: true }));
    await expect(run()).rejects.toThrow("1 of 2");
    expect(delivered).toEqual([]);
  });
});

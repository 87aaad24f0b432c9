import { beforeAll, describe, expect, test } from "vitest";
import { checkpointText } from "../../../kernel/tlog/checkpoint.ts";
import { consistencyProof, emptyRoot, type Hash, rootAt } from "../../../kernel/tlog/merkle.ts";
import { noteSigner, parseVerifierKey, signNote } from "../../../kernel/tlog/note.ts";
import { addCheckpoint, addCheckpointBody } from "../../../kernel/tlog/witness.ts";
import { leavesOf, logOf } from "./logs.ts";

const origin = "log.example/0";

async function sceneOf() {
  const signer = await noteSigner(origin, new Uint8Array(32).fill(1));
  const verifier = await parseVerifierKey(signer.verifierKey);
  const other = await noteSigner(origin, new Uint8Array(32).fill(2));
  if (verifier === null) throw new Error("our own key is none");
  const { read } = await logOf(await leavesOf(9));
  const root = (size: number) => rootAt(size, read);
  const noteOf = async (size: number, by = signer, rootOf = size, name = origin) =>
    signNote(checkpointText({ origin: name, size, root: await root(rootOf) }), by);
  const ask = (body: string, known: { size: number; root: Hash } | null) =>
    addCheckpoint(body, new Map([[origin, verifier]]), () => known);
  const proof = await consistencyProof(5, 9, read);
  return { other, signer, root, noteOf, ask, proof, known: { size: 5, root: await root(5) } };
}
let scene: Awaited<ReturnType<typeof sceneOf>>;
beforeAll(async () => {
  scene = await sceneOf();
});

describe("a witness", () => {
  test("takes what has the known tree as its beginning, as it was handed in", async () => {
    const { ask, noteOf, proof, known } = scene;
    const note = await noteOf(9);
    const judged = await ask(addCheckpointBody(5, proof, note), known);
    expect(judged).toMatchObject({ status: 200, origin, note, checkpoint: { size: 9 } });
    expect(await ask(addCheckpointBody(0, [], note), null)).toMatchObject({ status: 200 });
    expect(await ask(addCheckpointBody(5, [], await noteOf(5)), known)).toMatchObject({
      status: 200,
    });
    expect(await emptyRoot()).toEqual(await scene.root(0));
    expect(await ask(addCheckpointBody(0, [], await noteOf(0)), null)).toMatchObject({
      status: 200,
    });
  });

  test("refuses an origin or a signature that it does not know", async () => {
    const { ask, noteOf, proof, known, signer, other } = scene;
    const unknown = await noteOf(9, signer, 9, "log.example/1");
    expect(await ask(addCheckpointBody(5, proof, unknown), known)).toEqual({ status: 404 });
    const forged = await noteOf(9, other);
    expect(await ask(addCheckpointBody(5, proof, forged), known)).toEqual({ status: 403 });
    const spoilt = (await noteOf(9)).replace("\n9\n", "\n8\n");
    expect(await ask(addCheckpointBody(5, proof, spoilt), known)).toEqual({ status: 403 });
  });

  test("says what it knows when asked from another size", async () => {
    const { ask, noteOf, proof, known } = scene;
    const note = await noteOf(9);
    expect(await ask(addCheckpointBody(4, proof, note), known)).toEqual({ status: 409, size: 5 });
    expect(await ask(addCheckpointBody(5, proof, note), null)).toEqual({ status: 409, size: 0 });
  });

  test("refuses every history that is not the known one grown", async () => {
    const { ask, noteOf, proof, known, signer, root } = scene;
    const asked = async (old: number, given: readonly Hash[], note: string) =>
      (await ask(addCheckpointBody(old, given, note), old === 0 ? null : known)).status;
    expect(await asked(5, proof, await noteOf(9, signer, 8))).toBe(422);
    expect(await asked(5, proof.slice(1), await noteOf(9))).toBe(422);
    expect(await asked(0, proof, await noteOf(9))).toBe(422);
    expect(await asked(5, [], await noteOf(5, signer, 4))).toBe(422);
    expect(await asked(0, [], await noteOf(0, signer, 1))).toBe(422);
    const rewritten = { size: 5, root: await root(4) };
    const body = addCheckpointBody(5, proof, await noteOf(9));
    expect(await ask(body, rewritten)).toEqual({ status: 422 });
    expect(await asked(5, [], await noteOf(4))).toBe(400);
  });

  test.each([
    ["no old size", (body: string) => body.replace("old 5", "5")],
    ["a leading zero", (body: string) => body.replace("old 5", "old 05")],
    ["a proof line that is no hash", (body: string) => body.replace("old 5\n", "old 5\nAAAA\n")],
    [
      "more than 63 proof lines",
      (body: string) => body.replace("old 5\n", `old 5\n${`${"A".repeat(43)}=\n`.repeat(64)}`),
    ],
    ["no checkpoint", (body: string) => body.slice(0, body.indexOf("\n\n") + 2)],
  ])("refuses a body with %s", async (_, spoil) => {
    const body = addCheckpointBody(5, scene.proof, await scene.noteOf(9));
    expect(spoil(body)).not.toBe(body);
    expect(await scene.ask(spoil(body), scene.known)).toEqual({ status: 400 });
  });
});

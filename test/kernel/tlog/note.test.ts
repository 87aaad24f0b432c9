import { describe, expect, test } from "vitest";
import { checkpointText, parseCheckpoint } from "../../../kernel/tlog/checkpoint.ts";
import {
  cosigner,
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
  type Verifier,
} from "../../../kernel/tlog/note.ts";

const text = "log.example/0\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const seed = (n: number) => new Uint8Array(32).fill(n);
const keyOf = async (vkey: string) => (await parseVerifierKey(vkey)) as Verifier;

async function parties() {
  const log = await noteSigner("log.example/0", seed(1));
  const witness = await cosigner("witness.example", seed(2));
  return {
    log,
    witness,
    logKey: await keyOf(log.verifierKey),
    witnessKey: await keyOf(witness.verifierKey),
    note: await signNote(text, log),
  };
}

describe("a note", () => {
  test("opens with the keys that signed it, a witness's with its time too", async () => {
    const { note, witness, logKey, witnessKey } = await parties();
    const cosigned = note + (await witness.cosign(text, 1_679_315_147));
    const names = async (keys: readonly Verifier[]) =>
      (await openNote(cosigned, keys))?.verified.map(({ name }) => name);
    expect(await names([logKey, witnessKey])).toEqual(["log.example/0", "witness.example"]);
    expect(await names([witnessKey])).toEqual(["witness.example"]);
    expect((await openNote(cosigned, [logKey]))?.unverified).toHaveLength(1);
    expect(await openNote(cosigned, [])).toBeNull();
  });

  test("is refused whole when a co-signature's time or a letter of the text changed", async () => {
    const { note, witness, logKey, witnessKey } = await parties();
    const line = await witness.cosign(text, 1_679_315_147);
    const later = await witness.cosign(text, 1_679_315_148);
    // The head of one time, the signature of another.
    const prefix = "— witness.example ".length;
    const [a, b] = [line, later].map((l) => Buffer.from(l.slice(prefix).trim(), "base64"));
    if (a === undefined || b === undefined) throw new Error("there are two");
    const mixed = Buffer.concat([a.subarray(0, 12), b.subarray(12)]).toString("base64");
    const keys = [logKey, witnessKey];
    expect(await openNote(note + line, keys)).not.toBeNull();
    expect(await openNote(`${note}— witness.example ${mixed}\n`, keys)).toBeNull();
    expect(await openNote(note.replace("\n3\n", "\n4\n"), keys)).toBeNull();
  });

  test("signs to the same bytes each time, and its key is the signer's", async () => {
    const { note, log, logKey } = await parties();
    expect(await signNote(text, log)).toBe(note);
    expect({ name: logKey.name, keyId: logKey.keyId, type: logKey.type }).toEqual({
      name: log.name,
      keyId: log.keyId,
      type: 1,
    });
    await expect(noteSigner("a name", seed(1))).rejects.toThrow();
    await expect(noteSigner("name", new Uint8Array(31))).rejects.toThrow();
  });
});

describe("a checkpoint", () => {
  test("is read back as it was written, and may have lines of its own", () => {
    const parsed = parseCheckpoint(text);
    expect(parsed && checkpointText(parsed)).toBe(text);
    expect(parseCheckpoint(`${text}more\n`)).toEqual(parsed);
  });

  test.each([
    ["a leading zero", text.replace("\n3\n", "\n03\n")],
    ["a sign", text.replace("\n3\n", "\n+3\n")],
    ["a size that no number holds exactly", text.replace("\n3\n", "\n9007199254740993\n")],
    ["a short root", text.replace("CsUY", "")],
    ["a root that is not canonical", text.replace("q2I=", "q2J=")],
    ["an empty line", `${text}\n`],
    ["no last newline", text.slice(0, -1)],
    ["no origin", text.replace("log.example/0", "")],
  ])("is refused for %s", (_, wrong) => {
    expect(wrong).not.toBe(text);
    expect(parseCheckpoint(wrong)).toBeNull();
  });
});

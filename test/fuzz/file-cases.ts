/** Files by the seed and a number: of a grammar, then mostly broken, packed or not. */
import { gzipSync, zipSync } from "fflate";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { type Read, readTill, readUpload } from "./file-judge.ts";
import { fitBy } from "./grammar-fit.ts";
import { xmlBy } from "./grammar-xml.ts";
import { mutatedBytes } from "./values.ts";

export const grammars = ["FIT", "TCX", "GPX", "POSLog", "gzip", "ZIP", "noise"] as const;
export type Grammar = (typeof grammars)[number];

export interface FileCase {
  readonly grammar: Grammar;
  readonly isBroken: boolean;
  readonly bytes: Uint8Array;
}

const bombBytes = 40 * 1024 * 1024;
/** Packed once: what it unpacks to is more than an upload may hold. */
let bomb: Uint8Array | null = null;

export function fileCase(seed: number, number: number): FileCase {
  const chance = chanceOf(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const grammar = chance.pick(grammars);
  const whole = bytesBy(chance, grammar);
  const isBroken = chance.in100(65);
  return { grammar, isBroken, bytes: isBroken ? mutatedBytes(chance, whole) : whole };
}

function bytesBy(chance: Chance, grammar: Grammar): Uint8Array {
  switch (grammar) {
    case "FIT":
      return fitBy(chance);
    case "TCX":
      return xmlBy(chance, "tcx");
    case "GPX":
      return xmlBy(chance, "gpx");
    case "POSLog":
      return xmlBy(chance, "poslog");
    case "gzip":
      return gzipSync(innerBy(chance), { level: 1 });
    case "ZIP":
      return zipBy(chance);
    case "noise":
      return Uint8Array.from({ length: chance.whole(0, 600) }, () => chance.whole(0, 255));
  }
}

const innerBy = (chance: Chance): Uint8Array =>
  bytesBy(chance, chance.pick(["FIT", "TCX", "GPX", "noise"]));

const bombsIn1000 = 2;

function zipBy(chance: Chance): Uint8Array {
  if (chance.whole(0, 999) < bombsIn1000) {
    bomb ??= zipSync({ "a.fit": new Uint8Array(bombBytes) });
    return bomb;
  }
  const count = chance.in100(2) ? chance.whole(101, 140) : chance.whole(0, 4);
  const few = count > 100 ? () => new Uint8Array([1]) : () => innerBy(chance);
  const entries = Array.from({ length: count }, (_, i): [string, Uint8Array] => {
    const name = chance.pick([`a${i}.fit`, `../${i}.gpx`, `f/${i}.tcx.gz`, `__MACOSX/${i}`]);
    return [name, chance.in100(10) ? gzipSync(few()) : few()];
  });
  const packed = zipSync(Object.fromEntries(entries), { level: chance.pick([0, 1]) });
  return chance.in100(5) ? zipSync({ "inner.zip": packed }) : packed;
}

/** What it comes to; what is thrown is wrong. */
export function readCase({ grammar, bytes }: FileCase): Read {
  try {
    return grammar === "POSLog" ? readTill(bytes) : readUpload(bytes);
  } catch (error) {
    return { taken: 0, wrong: [`thrown: ${error instanceof Error ? error.stack : String(error)}`] };
  }
}

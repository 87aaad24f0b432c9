/**
 * A file's bytes to its sessions. What it is decides its content: ".FIT" at the ninth byte, or the
 * name of the first element. Whatever comes, the answer is sessions or a reason, never a throw.
 */

import { readFit } from "./fit.ts";
import { isFit } from "./fit-messages.ts";
import { readGpx } from "./gpx.ts";
import { type FileRead, type FileRefusal, refusedFile } from "./session.ts";
import { readTcx } from "./tcx.ts";
import { kindOf } from "./unpack.ts";
import { walkXml } from "./xml.ts";

/** Reads one file that is not packed. */
export function readFile(bytes: Uint8Array): FileRead {
  if (isFit(bytes)) return readFit(bytes);
  const kind = kindOf(bytes);
  if (kind !== "xml") return refusedFile(null, kind === "empty" ? "empty" : "unknown-format");
  const root = rootOf(bytes);
  if (root.name === "gpx") return readGpx(bytes);
  if (root.name === "TrainingCenterDatabase") return readTcx(bytes);
  return refusedFile(null, root.refused);
}

function rootOf(bytes: Uint8Array): { name: string | null; refused: FileRefusal } {
  let name: string | null = null;
  const end = walkXml(bytes, {
    open(first) {
      name = first;
      return false;
    },
    close() {},
  });
  if (name !== null) return { name, refused: "unknown-format" };
  return { name, refused: end === "too-deep" ? "too-deep" : "not-xml" };
}

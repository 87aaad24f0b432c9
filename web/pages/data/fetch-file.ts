/**
 * Fetching a file of an export. Its digest is checked before it is handed over; what is too long for
 * memory is written where its member says, as it comes, where the browser can do that.
 */
import { saveFile } from "../../design/save-file.ts";

interface Picker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<{
    createWritable(): Promise<WritableStream<Uint8Array>>;
  }>;
}

/** Below, a file is held in memory, and its digest checked before it is handed over. */
const heldBytesMax = 64 * 1_048_576;

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

export interface Promised {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** True: its bytes are those that were promised; false: they went by unchecked. Throws if they differ. */
export async function fetchFile(
  { name, bytes, sha256 }: Promised,
  fetched: () => Promise<Response>,
): Promise<boolean> {
  const { showSaveFilePicker } = globalThis as Picker;
  if (bytes > heldBytesMax && showSaveFilePicker !== undefined) {
    // Where to is asked first: the press of the button counts for a moment only.
    const file = await showSaveFilePicker.call(globalThis, { suggestedName: name });
    const { body } = await fetched();
    await body?.pipeTo(await file.createWritable());
    return false;
  }
  const blob = await (await fetched()).blob();
  if (hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())) !== sha256)
    throw new Error("What came is not what was promised. Try again.");
  saveFile(name, blob);
  return true;
}

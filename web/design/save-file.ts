/** Hands bytes to whoever sits at the browser as a file. They touch nothing else of it: no store, no address. */

/** Long enough for the browser to begin reading it. */
const keptMs = 60_000;

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), keptMs);
}

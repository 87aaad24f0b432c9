/** What somebody else answers, as text, within a size; whatever it says of its own length. */

/** Rejects as soon as more than that came; nothing is read on. */
export async function boundedText({ body }: Response, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new Error("more than an answer");
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

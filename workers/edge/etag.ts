/** Answers that are asked about by their tag: what is still as it was is not sent again. */

export interface Tagged {
  readonly body: string;
  /** Of the body alone: it changes when what is shown does. */
  readonly etag: string;
}

const etagBytes = 12;

export async function etagOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = [...new Uint8Array(bytes, 0, etagBytes)].map((b) => b.toString(16).padStart(2, "0"));
  return `"${hex.join("")}"`;
}

const tagsMax = 20;

/** Does `If-None-Match` name it (RFC 9110, 13.1.2: by weak comparison)? */
export function isKnown(request: Request, etag: string): boolean {
  const said = request.headers.get("if-none-match");
  if (said === null) return false;
  if (said === etag) return true;
  const tags = said.split(",", tagsMax).map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** `shared`: whatever lies between may keep it. `own`: nothing does but who asked, by its tag. */
export const cacheControl = { shared: "public, max-age=1", own: "no-store" } as const;

/** The body, or 304 where it is known. */
export function answered(
  request: Request,
  { body, etag }: Tagged,
  whose: keyof typeof cacheControl,
): Response {
  const headers = { etag, "cache-control": cacheControl[whose] };
  if (isKnown(request, etag)) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}

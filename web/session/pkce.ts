/** Proof Key for Code Exchange (RFC 7636, S256): what only the page that asked can show. */
const secretBytes = 32;

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

export const newSecret = (): string =>
  base64url(crypto.getRandomValues(new Uint8Array(secretBytes)));

export async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

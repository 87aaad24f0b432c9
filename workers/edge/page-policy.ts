/**
 * The policy of a page that the edge writes itself: nothing is loaded from anywhere, and of what
 * stands in the page only this one script and this one style hold, each by its hash, so that text
 * that somehow got into a page could not become either.
 */
interface Inline {
  readonly style: string;
  readonly script?: string;
  /** It speaks with us, and with nobody else. */
  readonly asksUs?: boolean;
}

async function sourceOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(bytes)))}'`;
}

export async function pagePolicy({ style, script, asksUs = false }: Inline): Promise<string> {
  return [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src ${await sourceOf(script)}`]),
    `style-src ${await sourceOf(style)}`,
    ...(asksUs ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** What can go wrong with a request, as pages tell it apart: the API's own word, or no answer at all. */

interface Said {
  readonly type?: string;
  readonly title?: string;
  readonly requestId?: string;
  readonly fields?: readonly { readonly field: string; readonly rule: string }[];
  readonly errorDetails?: readonly { readonly code: string; readonly message: string }[];
}

const prefix = "urn:singlet:problem:";

/** A problem document (RFC 9457). `name` is the last part of its type; docs/errors.md lists them. */
export class Problem extends Error {
  override readonly name: string;
  readonly status: number;
  readonly requestId: string | null;
  readonly fields: NonNullable<Said["fields"]>;
  readonly errorDetails: NonNullable<Said["errorDetails"]>;
  readonly retryAfterMs: number | null;

  constructor(status: number, said: Said, retryAfterMs: number | null) {
    super(said.title ?? `The answer was ${status}.`);
    this.name = said.type?.startsWith(prefix) ? said.type.slice(prefix.length) : "unknown";
    this.status = status;
    this.requestId = said.requestId ?? null;
    this.fields = said.fields ?? [];
    this.errorDetails = said.errorDetails ?? [];
    this.retryAfterMs = retryAfterMs;
  }

  static async of(response: Response): Promise<Problem> {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const said = (await response.json().catch(() => ({}))) as Said;
    return new Problem(response.status, said, Number.isFinite(seconds) ? seconds * 1_000 : null);
  }
}

/** There is no network, or nobody at the other end of it. */
export class Unreachable extends Error {
  override readonly name = "unreachable";

  constructor() {
    super("Singlet cannot be reached.");
  }
}

/** What is asked again by itself waits for as long as it was told to. */
export const notBefore = (ms: number, error: unknown): number =>
  Math.max(ms, error instanceof Problem ? (error.retryAfterMs ?? 0) : 0);

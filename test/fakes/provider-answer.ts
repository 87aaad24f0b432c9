/** What the fake provider is asked and what it answers, before either is HTTP. */

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly type: string;
  /** A header by its lower-case name; empty: it was not sent. */
  header(name: string): string;
  /** Null: it was larger than is taken. */
  readonly body: string | null;
}
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Of a file, instead of `body`. */
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export const answer = (status: number, body: unknown): Answer => ({ status, body });

/** google.rpc.Status, as every v4 endpoint reports a fault. */
export const refused = (code: number, status: string): Answer =>
  answer(code, { error: { code, message: status.toLowerCase(), status } });

/** Without a body. */
export const empty = (status: number): Answer => ({
  ...answer(status, ""),
  bytes: new Uint8Array(),
});

/** As Garmin's do. */
export const denied = (status: number, errorMessage: string): Answer =>
  answer(status, { errorMessage });

export const formOf = ({ body }: Asked): URLSearchParams => new URLSearchParams(body ?? "");

/** Null: no JSON object. */
export function jsonOf({ body }: Asked): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(body ?? "");
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

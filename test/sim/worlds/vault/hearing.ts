/**
 * What is heard where the member's database does its work, at the moment it does it: which deed asked,
 * and what came of the statements that decide something. The oracle knows by it what stood when; it
 * reads no row of the vault's own.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ReadRequest } from "../../../../domain/ports.ts";
import type { Oracle, Said } from "./oracle.ts";

export interface Looker {
  readonly id: string;
  readonly roles: readonly string[];
}
export type Deed =
  | { readonly kind: "grant"; readonly member: string; readonly said: Said }
  | { readonly kind: "revoke"; readonly member: string; readonly consent: string }
  | { readonly kind: "read"; readonly by: Looker; readonly request: ReadRequest; look: Look }
  | { readonly kind: "glass"; readonly by: Looker; readonly member: string; readonly atMs: number }
  | { readonly kind: "erase"; readonly member: string }
  | { readonly kind: "revoke-share"; readonly member: string; readonly id: string }
  | { readonly kind: "open-share"; readonly id: string; wasOver: boolean }
  | { readonly kind: "other" };

/** What stood when the batch came that decided a read; the last one counts. */
export interface Look {
  /** By the clock that the decision looks at. */
  permitsAt: ((nowMs: number) => boolean) | null;
  decidedMs: number;
}

interface Result {
  readonly meta?: { readonly changes?: number };
  readonly results?: readonly Readonly<Record<string, unknown>>[];
}

const doing = new AsyncLocalStorage<Deed>();
export const deedNow = (): Deed | undefined => doing.getStore();
export const doingDeed = <T>(deed: Deed, work: () => Promise<T>): Promise<T> =>
  doing.run(deed, work);

const changed = (result: Result | undefined): boolean => (result?.meta?.changes ?? 0) > 0;
const at = (statements: readonly string[], text: string): number =>
  statements.findIndex((sql) => sql.includes(text));

/** Right after the database did its work, before anybody else's turn. */
export function hear(oracle: Oracle, statements: readonly string[], answer: unknown): void {
  const deed = doing.getStore();
  if (deed === undefined) return;
  const results = (Array.isArray(answer) ? answer : [answer]) as Result[];
  const of = (text: string): Result | undefined => results[at(statements, text)];
  switch (deed.kind) {
    case "grant": {
      const id = results.at(-1)?.results?.[0]?.id;
      if (changed(of("INSERT INTO consent"))) oracle.granted(deed.member, String(id), deed.said);
      return;
    }
    case "revoke":
      if (changed(of("SET revoked_at"))) oracle.revoked(deed.consent);
      return;
    case "glass":
      if (changed(of("INSERT INTO break_glass")))
        oracle.glassBroken(deed.member, deed.by.id, deed.atMs);
      return;
    case "erase":
      if (changed(of("INSERT INTO member"))) oracle.erased(deed.member);
      return;
    case "revoke-share":
      if (changed(of("UPDATE share SET revoked_at"))) oracle.shareOver(deed.id);
      return;
    case "open-share":
      if (at(statements, "UPDATE share SET opened") >= 0)
        deed.wasOver = oracle.isShareOver(deed.id);
      return;
    case "read":
      if (at(statements, "FROM break_glass") >= 0)
        deed.look.permitsAt = oracle.stands(deed.by, deed.request);
      return;
    default:
      return;
  }
}

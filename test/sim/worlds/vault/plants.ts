/**
 * Bugs that are planted on purpose, each at a seam of the simulation between the vault's code and its
 * stores: the code as it is must never be found, and with any of these it must be.
 */
import type { Appended, LogPort } from "../../../../domain/log-ports.ts";
import type { SealedRow } from "../../../../domain/ports.ts";
import type { MemoryR2 } from "../../../fakes/memory-r2.ts";
import { deedNow } from "./hearing.ts";

export const vaultPlants = {
  "missed-entry": "the log is believed to have kept what it did not answer",
  "stale-permit": "a member's consents are remembered from the first look at them",
  "lost-revocation": "a revocation is acknowledged and not kept",
  "kept-key": "the keys of who is erased stay",
  "leaked-plaintext": "what is sealed is put down once in the open",
} as const;

export type Append = LogPort["append"];

export const appendBelieved =
  (append: Append, nowMs: () => number): Append =>
  async (drafts) => {
    try {
      return await append(drafts);
    } catch {
      return drafts.map((_, index): Appended => ({ index, atMs: nowMs() }));
    }
  };

type Work = (statements: readonly string[], work: () => unknown) => unknown;
const asItIs: Work = (_, work) => work();
const said = (statements: readonly string[], text: string) =>
  statements.findIndex((sql) => sql.includes(text));
const done = { success: true, meta: { changes: 1 }, results: [] };

/** What a database's calls go through instead of doing their work. */
export function plantedIn(plant: string | null): Work {
  if (plant === "stale-permit") return consentsRemembered();
  if (plant === "lost-revocation")
    return (statements, work) =>
      said(statements, "UPDATE consent SET revoked_at") < 0 ? work() : statements.map(() => done);
  if (plant === "kept-key")
    return (statements, work) =>
      said(statements, "INTO gone_member") < 0 ? work() : statements.map(() => done);
  return asItIs;
}

function consentsRemembered(): Work {
  const known = new Map<string, unknown>();
  return (statements, work) => {
    const answer = work();
    const [deed, at] = [
      deedNow(),
      said(statements, "FROM consent WHERE member = ? AND revoked_at"),
    ];
    if (at < 0 || deed?.kind !== "read" || !Array.isArray(answer)) return answer;
    const { member } = deed.request;
    if (!known.has(member)) known.set(member, answer[at]);
    answer[at] = known.get(member);
    return answer;
  };
}

export function leak(bucket: MemoryR2, rows: readonly SealedRow[]): void {
  const bytes = new TextEncoder().encode(JSON.stringify(rows));
  const about = { customMetadata: {}, httpMetadata: {}, uploaded: new Date(0) };
  bucket.objects.set("spilled", { bytes, etag: "", version: "", ...about });
}

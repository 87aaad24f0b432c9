/**
 * Who may read what of totals that are not their own: a role of the token says as what, a row of the
 * warehouse whose. Without both there is nothing to be seen, and nothing to be told apart.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { Role } from "../../domain/ports.ts";
import type { Ports } from "./ports.ts";

const ofMax = 1_000;

/** All that this caller reads in this role: keys of artists' names, or merchants; in order. */
export async function readsOf(ports: Ports, member: MemberId, role: Role): Promise<string[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare("SELECT of FROM reader WHERE member = ? AND role = ? ORDER BY of LIMIT ?")
      .bind(member, role, ofMax)
      .all<{ of: string }>(),
  );
  return results.map((row) => row.of);
}

/** Whether they read this one. */
export async function mayRead(
  ports: Ports,
  member: MemberId,
  role: Role,
  of: string,
): Promise<boolean> {
  const row = await ports.sql((db) =>
    db
      .prepare("SELECT 1 FROM reader WHERE member = ? AND role = ? AND of = ?")
      .bind(member, role, of)
      .first(),
  );
  return row !== null;
}

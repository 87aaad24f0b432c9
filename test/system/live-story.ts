/** Somebody who reads totals, and what is told of them as ledgers do: for the pages that show it. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { LiveRow, Role } from "../../domain/ports.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";

/** An edge with a door for it. */
export const liveEdge = fileURLToPath(new URL("../fakes/live-edge.ts", import.meta.url));
const minuteMs = 60_000;

export async function lets(
  { runtime }: System,
  person: Person,
  role: Role,
  ...of: string[]
): Promise<void> {
  const warehouse = await runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  const put = warehouse.prepare(
    "INSERT INTO reader (member, role, of, made_at) VALUES (?, ?, ?, 0)",
  );
  await warehouse.batch(of.map((each) => put.bind(person.id, role, each)));
}

/** A member in that role: the one whom the local issuer's page offers by its name. */
export const reader = (system: System, role: Role): Promise<Person> =>
  enrol(system, role, `The ${role}`, [role]);

export async function tellLive(
  { url }: System,
  stream: string,
  watch: string,
  ...rows: LiveRow[]
): Promise<void> {
  const told = await call(url, "POST", "/v1/test/live", { body: { stream, watch, rows } });
  expect(told.status).toBe(204);
}

/** Null: it adds nothing any more. */
export const liveRow = (
  id: string,
  version: number,
  minutesAgo: number,
  key: string | null,
  n: readonly number[],
): LiveRow => ({
  ...{ ledger: "l", id, version, at: Date.now() - minutesAgo * minuteMs },
  entries: key === null ? [] : [{ key, n }],
});

/** Readings that their provider's terms keep to their member: no consent and no emergency opens them. */
import { beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { isRefusal, type ReadRequest } from "../../domain/ports.ts";
import { breakGlass } from "../../workers/vault/break-glass.ts";
import type { Vault } from "../../workers/vault/env.ts";
import type { Actor } from "../../workers/vault/principal.ts";
import { read } from "../../workers/vault/readings.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { entriesIn } from "./log-entries.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 9, 14);
const rows = ["f_0", "f_1", "f_2"];
const beatAt = (n: number) => ({ t: nowMs + n * 1_000, bpm: 100 + n });

let world: World;
let member: MemberId;
let vault: Vault;
const me = (): Actor => ({ id: member, member, roles: [] });
const coach: Actor = { id: "m_coach", member: "m_coach" as MemberId, roles: ["coach"] };
const operator: Actor = { id: "m_op", member: "m_op" as MemberId, roles: ["operator"] };

beforeEach(async () => {
  world = makeWorld();
  ({ member, vault } = await world.enrol("ada", nowMs));
  const sealed = rows.map((row, n) => {
    const columns = { heart_rate: JSON.stringify([beatAt(n)]), notes: `"notes ${n}"` };
    return { row, revision: 1, columns };
  });
  await sealRows(vault, member, connectionNamed("strava"), sealed, nowMs);
  await vault.phi
    .prepare(
      `INSERT INTO consent (id, member, version, effect, grantee_kind, grantee, columns, purpose,
         granted_at) VALUES ('all', ?, 1, 'permit', 'member', ?, ?, 'coaching', ?)`,
    )
    .bind(member, coach.id, JSON.stringify(["heart_rate", "track", "notes"]), nowMs - 1)
    .run();
});

async function shown(actor: Actor, changes: Partial<ReadRequest> = {}) {
  const request: ReadRequest = {
    ...{ member, column: "heart_rate", purpose: "coaching", rows, ownRows: ["f_0", "f_2"] },
    ...{ take: "all", span: null, after: null, limit: 100 },
    ...changes,
  };
  const answer = await read(vault, actor, request, () => nowMs);
  return isRefusal(answer) ? answer.refused : answer.readings.map(({ row }) => row);
}

describe("rows that are their member's alone", () => {
  test("are shown to the member, and to nobody with a consent", async () => {
    for (const column of ["heart_rate", "notes"]) {
      expect(await shown(me(), { column })).toEqual(rows);
      expect(await shown(coach, { column })).toEqual(["f_1"]);
    }
    expect(await shown(coach, { ownRows: [] })).toEqual(rows);
  });

  test("are not the best of a workout for others: the next best is", async () => {
    const first = { take: "first", rows: ["f_2", "f_1"] } as const;
    expect(await shown(me(), first)).toEqual(["f_2"]);
    expect(await shown(coach, first)).toEqual(["f_1"]);
  });

  test("leave nothing where they are all that there is, and the look stands in the log", async () => {
    expect(await shown(coach, { ownRows: rows })).toEqual([]);
    expect(entriesIn(world).at(-1)).toMatchObject({ outcome: "permitted", rows: 0 });
    const span = { fromMs: nowMs, toMs: nowMs + 500 };
    expect([await shown(me(), { span }), await shown(coach, { span })]).toEqual([["f_0"], []]);
  });

  test("stay closed in an emergency", async () => {
    const glass = await breakGlass(vault, operator, member, "no pulse at the finish", nowMs);
    expect(glass).not.toHaveProperty("refused");
    expect(await shown(operator, { purpose: "emergency" })).toEqual(["f_1"]);
  });
});

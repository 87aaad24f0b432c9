/** Access without consent: who may, for how long, what is kept of it, and that the member is told. */
import { beforeEach, describe, expect, it } from "vitest";
import { breakGlassMs } from "../../domain/consent.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { BreakGlass, Role } from "../../domain/ports.ts";
import { breakGlass, noticesFor } from "../../workers/vault/break-glass.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { privacyZonesOf, setPrivacyZones } from "../../workers/vault/privacy.ts";
import { read } from "../../workers/vault/readings.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { deedsIn, deedsOf } from "./log-entries.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 9, 14);
const reason = "no pulse in the finish area";

let world: World;
let vault: Vault;
let member: MemberId;
beforeEach(async () => {
  world = makeWorld();
  ({ vault, member } = await world.enrol("ada", nowMs));
});

const actor = (id = "m_olga", roles: readonly Role[] = ["operator"]) => ({
  id,
  member: id as MemberId,
  roles,
});
const attempt = (who = actor(), whom = member, why = reason, atMs = nowMs) =>
  breakGlass(vault, who, whom, why, atMs);
async function broken(atMs = nowMs, why = reason): Promise<BreakGlass> {
  const glass = await attempt(actor(), member, why, atMs);
  if ("refused" in glass) throw new Error(glass.refused);
  return glass;
}
/** Newest first. */
const entries = async () =>
  (await deedsOf(world, vault, member, nowMs))
    .reverse()
    .map((entry) => [entry.action, entry.purpose, entry.outcome, entry.ground]);
const kept = () =>
  Number(
    world.stores.phi[vault.shard]?.raw.prepare("SELECT count(*) AS n FROM break_glass").get()?.n,
  );

describe("break-glass", () => {
  it("lasts a quarter of an hour, stands in the log, and its reason is told to the member", async () => {
    const glass = await broken();
    expect(glass).toMatchObject({ member, operator: "m_olga", atMs: nowMs });
    expect(glass.untilMs - nowMs).toBe(15 * 60_000);
    const ground = `break-glass:${glass.id}`;
    expect(await entries()).toEqual([["admin", "emergency", "permitted", ground]]);
    const later = await broken(nowMs + 1, ` ${reason}, again `);
    expect(await noticesFor(vault, member, nowMs)).toEqual({
      breakGlass: [
        { ...later, reason: `${reason}, again` },
        { ...glass, reason },
      ],
    });
    const everywhere = [...world.stores.phi, ...world.stores.keys].map(({ raw }) =>
      Buffer.from(raw.serialize()).toString("latin1"),
    );
    expect(everywhere.join().includes("no pulse")).toBe(false);
  });

  it.each<[string, readonly Role[], string]>([
    ["a coach", ["member", "coach"], reason],
    ["an auditor", ["auditor"], reason],
    ["an operator without a reason", ["operator"], " because   "],
    ["an operator with a book", ["operator"], "x".repeat(501)],
  ])("is refused to %s and leaves nothing", async (_, roles, why) => {
    expect(await attempt(actor("m_olga", roles), member, why)).toEqual({ refused: "forbidden" });
    expect([kept(), await entries()]).toEqual([0, []]);
  });

  it("of somebody unknown or erased is refused alike, and logged", async () => {
    await eraseScope(vault, member, { kind: "member" }, nowMs);
    for (const whom of [member, "m_nobody" as MemberId]) {
      expect(await attempt(actor(), whom)).toEqual({ refused: "forbidden" });
      const refused = { outcome: "refused", ground: "no-member", closings: 1 };
      expect(deedsIn(world).at(-1)).toMatchObject({ action: "admin", member: "", ...refused });
    }
    expect(kept()).toBe(0);
  });

  it("opens for its operator until its last moment, whatever is forbidden, and no longer", async () => {
    const columns = { notes: JSON.stringify("easy") };
    const rows = [{ row: "r1", revision: 1, columns }];
    await sealRows(vault, member, connectionNamed("watch"), rows, nowMs);
    const glass = await broken();
    const reads = async (who: ReturnType<typeof actor>, atMs: number) => {
      const request = {
        ...{
          member,
          column: "notes",
          purpose: "emergency",
          rows: ["r1"],
          ownRows: [],
          take: "first" as const,
        },
        ...{ span: null, after: null, limit: 10 },
      };
      const answer = await read(vault, who, request, () => atMs);
      return "refused" in answer ? answer.refused : answer.readings[0]?.value;
    };
    expect(await reads(actor(), nowMs + breakGlassMs)).toBe('"easy"');
    expect((await entries())[0]).toEqual([
      "view",
      "emergency",
      "permitted",
      `break-glass:${glass.id}`,
    ]);
    expect(await reads(actor(), nowMs + breakGlassMs + 1)).toBe("forbidden");
    expect(await reads(actor("m_olga", ["coach"]), nowMs)).toBe("forbidden");
    expect(await reads(actor("m_otto"), nowMs)).toBe("forbidden");
  });

  it("that failed half way is not in force, and neither told nor logged as if it were", async () => {
    const phi = new Proxy(vault.phi, {
      get: (of, name) =>
        name === "prepare"
          ? (sql: string) => {
              if (sql.includes("INTO break_glass")) throw new Error("down");
              return of.prepare(sql);
            }
          : Reflect.get(of, name).bind(of),
    });
    await expect(breakGlass({ ...vault, phi }, actor(), member, reason, nowMs)).rejects.toThrow();
    const unknown = ["admin", "emergency", "intended", ""];
    expect([kept(), await entries()]).toEqual([0, [unknown]]);
    expect(await noticesFor(vault, member, nowMs)).toEqual({ breakGlass: [] });
  });
});

describe("privacy zones", () => {
  const home = { endsM: 500, places: [{ lat: 52.1, lon: 5.1, radiusM: 300 }] };

  it("are the default until they are set; the last setting stands", async () => {
    expect(await privacyZonesOf(vault, member, nowMs)).toEqual({ endsM: 200, places: [] });
    expect(await setPrivacyZones(vault, member, home, nowMs + 1)).toEqual(home);
    const none = { endsM: 0, places: [] };
    await setPrivacyZones(vault, member, none, nowMs);
    expect(await privacyZonesOf(vault, member, nowMs)).toEqual(none);
    await setPrivacyZones(vault, member, { ...home, endsM: 0 }, nowMs + 2);
    expect(await privacyZonesOf(vault, member, nowMs)).toEqual({ ...home, endsM: 0 });
  });

  it("out of their bounds, or of somebody erased, are not kept", async () => {
    const wide = { endsM: 5001, places: [] };
    expect(await setPrivacyZones(vault, member, wide, nowMs)).toEqual({ refused: "forbidden" });
    await eraseScope(vault, member, { kind: "member" }, nowMs);
    const gone = { refused: "unauthenticated" };
    expect(await setPrivacyZones(vault, member, home, nowMs)).toEqual(gone);
    expect(await privacyZonesOf(vault, member, nowMs)).toEqual(gone);
  });
});

/** What was erased is gone with its keys, what was not opens, wherever it is cut short. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { ErasureScope } from "../../domain/ports.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope, finishErasures } from "../../workers/vault/erasure.ts";
import { LeaseHeld } from "../../workers/vault/lease.ts";
import { parkItems } from "../../workers/vault/parked-store.ts";
import { pseudonymOf } from "../../workers/vault/pseudonym.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import {
  type Clock,
  clock,
  closeWorld,
  connectionScope,
  eraseUntilDone,
  garmin,
  google,
  isAtRest,
  journalSize,
  leaseMs,
  long,
  note,
  opened,
  openedParked,
  rowsScope,
  said,
  sealAll,
} from "./erasures.ts";
import { deedsIn } from "./log-entries.ts";
import { makeWorld, type World, type WorldOptions } from "./world.ts";

const things = [
  note(garmin, "g1"),
  long(garmin, "g2"),
  note(garmin, "g3"),
  note(google, "h1"),
  long(google, "h2"),
];
const but = (...rows: string[]) => said(things.filter(({ row }) => !rows.includes(row)));
const ofGoogle = said(things.filter(({ connection }) => connection === google));

interface Known {
  readonly world: World;
  readonly vault: Vault;
  readonly member: MemberId;
  readonly now: Clock;
  erase(scope: ErasureScope): ReturnType<typeof eraseScope>;
}

async function known(options: WorldOptions = {}): Promise<Known> {
  const now = clock();
  const world = makeWorld(options);
  const { member, vault } = await world.enrol("ada", now());
  await sealAll(vault, member, things, now);
  await parkItems(
    world.shards,
    [garmin, google].map((connection) => ({
      member,
      connection,
      provider: "p",
      reason: `from ${connection}`,
      body: `bad of ${connection}`,
    })),
    now(),
  );
  const erase = (scope: ErasureScope) => eraseScope(vault, member, scope, now());
  return { world, vault, member, now, erase };
}

const keyIds = async (vault: Vault): Promise<Set<string>> => {
  const { results } = await vault.keyring.database
    .prepare("SELECT key_id FROM data_key")
    .all<{ key_id: string }>();
  return new Set(results.map(({ key_id }) => key_id));
};
const sealingKeys = async (vault: Vault, rows: readonly string[]): Promise<string[]> => {
  const { results } = await vault.phi
    .prepare("SELECT DISTINCT key_id FROM sealed WHERE row_id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(rows))
    .all<{ key_id: string }>();
  return results.map(({ key_id }) => key_id);
};
const scopes: readonly [string, ErasureScope, Record<string, string>][] = [
  ["a workout", rowsScope("g1"), but("g1")],
  ["a window", rowsScope("g2", "g3", "h1"), but("g2", "g3", "h1")],
  ["a connection", connectionScope(garmin), ofGoogle],
  ["a member", { kind: "member" }, {}],
];

describe("an erasure", () => {
  test.each(scopes)("of %s leaves everything else open, byte for byte", async (_, scope, rest) => {
    const { vault, member, now, erase } = await known();
    await erase(scope);
    expect(await opened(vault, member, now())).toEqual(rest);
    expect(await isAtRest(vault, member)).toBe(true);
  });

  test.each(scopes)("of %s destroys every key that sealed it", async (_, scope, rest) => {
    const { vault, erase } = await known();
    const gone = things.map(({ row }) => row).filter((row) => !(`${row} notes` in rest));
    const keys = await sealingKeys(vault, gone);
    expect(keys.length).toBeGreaterThan(0);
    await erase(scope);
    const left = await keyIds(vault);
    for (const key of keys) expect(left.has(key)).toBe(false);
  });

  test.each(scopes)("of %s leaves no object of it and no orphan", async (_, scope, rest) => {
    const { world, vault, erase } = await known();
    await erase(scope);
    const objects = [...world.stores.sealed.objects.keys()].filter((key) => !key.includes("/"));
    expect(objects).toHaveLength(
      Object.keys(rest).filter((name) => name.endsWith("raw_details")).length,
    );
    const orphans = await vault.phi.prepare("SELECT count(*) AS n FROM orphan").first<number>("n");
    expect(orphans).toBe(0);
  });

  test.each(scopes)("of %s is in the journal and in the log, closed", async (_, scope) => {
    const { world, vault, member, now, erase } = await known();
    const name = await pseudonymOf(vault, member, now());
    expect(name).toMatch(/^[0-9a-f]{32}$/);
    await erase(scope);
    expect(journalSize(world, vault)).toBe(1);
    expect(deedsIn(world)).toMatchObject([
      { member: name, actor: name, action: "delete", purpose: "erasure", began: "intended" },
    ]);
    expect(deedsIn(world)).toMatchObject([{ outcome: "permitted", ground: "own", closings: 1 }]);
    expect(placesLeft(world)).toEqual([]);
  });

  test.each(scopes)("of %s asked for again changes nothing", async (_, scope, rest) => {
    const { world, vault, member, now, erase } = await known();
    await erase(scope);
    const [keys, size] = [world.stores.keys[0]?.snapshot(), journalSize(world, vault)];
    await erase(scope);
    expect(world.stores.keys[0]?.snapshot()).toEqual(keys);
    expect(journalSize(world, vault)).toBe(size);
    expect(await opened(vault, member, now())).toEqual(rest);
  });

  test.each(scopes)("of %s is not undone by what arrives later", async (_, scope, rest) => {
    const { vault, member, now, erase } = await known();
    await erase(scope);
    for (const { connection, row, columns } of things)
      if (!(`${row} notes` in rest))
        await sealRows(vault, member, connection, [{ row, revision: 9, columns }], now());
    expect(await opened(vault, member, now())).toEqual(rest);
  });

  test("of a connection takes what it parked, of a workout what was parked opens", async () => {
    const one = await known();
    await one.erase(rowsScope("g1", "h1"));
    expect(await openedParked(one.vault, one.member, one.now())).toEqual({
      "from c_garmin": "bad of c_garmin",
      "from c_google": "bad of c_google",
    });
    await one.erase(connectionScope(garmin));
    expect(await openedParked(one.vault, one.member, one.now())).toEqual({
      "from c_google": "bad of c_google",
    });
  });

  test("does not touch another connection's keys", async () => {
    const { vault, erase } = await known();
    const before = await sealingKeys(vault, ["h1", "h2"]);
    await erase(rowsScope("g1"));
    await erase(connectionScope(garmin));
    expect(await sealingKeys(vault, ["h1", "h2"])).toEqual(before);
  });

  test("may follow on another", async () => {
    const { vault, member, now, erase } = await known();
    await erase(rowsScope("g1"));
    await erase(rowsScope("g2"));
    expect(await opened(vault, member, now())).toEqual(but("g1", "g2"));
    await erase(connectionScope(google));
    expect(await opened(vault, member, now())).toEqual(said([note(garmin, "g3")]));
    await erase({ kind: "member" });
    expect(await keyIds(vault)).toEqual(new Set());
  });

  test("is one worker's at a time", async () => {
    const { vault, member, now, erase } = await known();
    await vault.phi
      .prepare("UPDATE member SET lease = 'other', lease_until = ? WHERE id = ?")
      .bind(now() + leaseMs, member)
      .run();
    await expect(erase(rowsScope("g1"))).rejects.toThrow(LeaseHeld);
    expect(await opened(vault, member, now())).toEqual(said(things));
  });
});

describe("an erasure that a failing store cuts short", () => {
  test.each(scopes)(
    "of %s is finished by asking again, wherever it was cut",
    async (_, scope, rest) => {
      const cuts = await forEachCut(scope, async ({ world, vault, member, now }) => {
        const open = await opened(vault, member, now(), "leave out");
        for (const name of Object.keys(rest)) expect(open[name]).toBe(rest[name]);
        now.pass(leaseMs);
        await eraseUntilDone(vault, member, scope, now);
        expect(await opened(vault, member, now())).toEqual(rest);
        expect(await isAtRest(vault, member)).toBe(true);
        expect(journalSize(world, vault)).toBeGreaterThan(0);
      });
      expect(cuts).toBeGreaterThan(8);
    },
  );

  test.each(scopes)(
    "of %s is finished by the hourly run once it was declared",
    async (_, scope, rest) => {
      const cuts = await forEachCut(scope, async ({ world, vault, member, now }) => {
        const declared = await isDeclared(vault);
        now.pass(leaseMs);
        const [begun] = deedsIn(world);
        await finishErasures(vault, now(), 100);
        expect(await opened(vault, member, now())).toEqual(declared ? rest : said(things));
        const unknown = { outcome: "intended", closings: 0 };
        const done = { outcome: "permitted", ground: "own", closings: 1 };
        if (declared) expect(begun?.member).toMatch(/^[0-9a-f]{32}$/);
        expect(deedsIn(world)).toMatchObject(
          begun === undefined ? [] : [declared ? done : unknown],
        );
        if (declared) expect(placesLeft(world)).toEqual([]);
        expect(await isAtRest(vault, member)).toBe(true);
        if (declared) expect(journalSize(world, vault)).toBeGreaterThan(0);
      });
      expect(cuts).toBeGreaterThan(8);
    },
  );
});

async function forEachCut(scope: ErasureScope, look: (cut: Known) => Promise<void>) {
  for (let at = 1; ; at++) {
    const cut = await cutShort(scope, at);
    if (cut === null) return at - 1;
    await look(cut);
    closeWorld(cut.world);
  }
}

const placesLeft = ({ stores: { keyring } }: World): string[] =>
  [...keyring.objects.keys()].filter((key) => key.startsWith("erasing/"));

const isDeclared = async ({ phi }: Vault): Promise<boolean> =>
  (await phi
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM retraction) OR EXISTS (SELECT 1 FROM ended_connection)
         OR EXISTS (SELECT 1 FROM member WHERE erased_at IS NOT NULL) AS declared`,
    )
    .first<number>("declared")) === 1;

/**
 * A member whose erasure got as far as its nth call to a store, which failed; null when it had
 * fewer. A call whose answer is lost leaves the same behind as the one after it failing.
 */
async function cutShort(scope: ErasureScope, at: number): Promise<Known | null> {
  let calls = Number.NEGATIVE_INFINITY;
  const gate = async () => {
    if (++calls >= at && calls < 1_000_000) throw new Error("cut");
  };
  const here = await known({ gate });
  calls = 0;
  await here.erase(scope).catch(() => null);
  const wasCut = calls >= at;
  calls = Number.NEGATIVE_INFINITY;
  if (!wasCut) closeWorld(here.world);
  return wasCut ? here : null;
}

describe("erasing while others seal", () => {
  test("loses nothing that was acknowledged and leaves nothing that was erased", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (s, wholeConnection) => {
        let isOpen = false;
        const gate = () => (isOpen ? s.schedule(Promise.resolve()) : Promise.resolve());
        const { world, vault, member, now } = await known({ gate });
        isOpen = true;
        const acknowledged: Record<string, string> = {};
        const write = async (connection: typeof garmin, row: string, text: string) => {
          const value = JSON.stringify(text);
          const said = [{ row, revision: 2, columns: { notes: value } }];
          const outcome = await sealRows(vault, member, connection, said, now()).catch(() => null);
          if (outcome === "sealed") acknowledged[`${row} notes`] = value;
        };
        const scope = wholeConnection ? connectionScope(garmin) : rowsScope("g1", "g2");
        const erased = wholeConnection ? ["g1", "g2", "g3", "g4"] : ["g1", "g2"];
        const all = Promise.all([
          eraseScope(vault, member, scope, now()),
          write(garmin, "g1", "new g1"),
          write(garmin, "g3", "new g3"),
          write(garmin, "g4", "new g4"),
          write(google, "h1", "new h1"),
          write(google, "h3", "new h3"),
        ]);
        await s.waitFor(all);
        isOpen = false;
        const open = await opened(vault, member, now());
        for (const [name, value] of Object.entries({ ...said(things), ...acknowledged })) {
          const row = name.split(" ")[0] ?? "";
          if (erased.includes(row)) expect(open[name]).toBeUndefined();
          else expect(open[name]).toBe(value);
        }
        expect(await isAtRest(vault, member)).toBe(true);
        closeWorld(world);
      }),
      { numRuns: 100 },
    );
  });

  test("two at once, of the same member, end as both asked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (s, withMember) => {
        let isOpen = false;
        const gate = () => (isOpen ? s.schedule(Promise.resolve()) : Promise.resolve());
        const { world, vault, member, now } = await known({ gate });
        isOpen = true;
        const asked: ErasureScope[] = [
          rowsScope("g1"),
          connectionScope(google),
          ...(withMember ? [{ kind: "member" } as const] : []),
        ];
        // Nobody's lease holds: each may lose it to another between any two steps.
        const far = [0, 2 * leaseMs, 4 * leaseMs];
        await s.waitFor(
          Promise.all(
            asked.map((scope, i) =>
              eraseScope(vault, member, scope, now() + (far[i] ?? 0)).catch(() => null),
            ),
          ),
        );
        isOpen = false;
        now.pass(8 * leaseMs);
        for (const scope of asked.filter(({ kind }) => !withMember || kind === "member"))
          await eraseUntilDone(vault, member, scope, now);
        const rest = said(things.filter(({ row }) => ["g2", "g3"].includes(row)));
        expect(await opened(vault, member, now())).toEqual(withMember ? {} : rest);
        expect(await isAtRest(vault, member)).toBe(true);
        closeWorld(world);
      }),
      { numRuns: 100 },
    );
  });
});

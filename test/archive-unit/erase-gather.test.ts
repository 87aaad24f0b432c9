/** What an erasure waits for: what its ledger still sent when it began, and nothing that came since. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { retracts } from "../kernel/statements.ts";
import { neverSilent, ride, together, totalsOf } from "./archive-world.ts";
import { erase, receiptOf, settled } from "./erasing-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = ""] = together;

describe("an erase run", () => {
  test("ends while the ledger never falls silent, once what stood has landed, and it is gone", async () => {
    const world = await settled();
    const { ledger, goOn } = neverSilent(world, ada, "2026-11-01", 100);
    const gone = ledger.publish("2026-10-31", retracts("a1", 9));
    ledger.sending.add(gone.seq);
    let looks = 0;
    const { whenNudged } = ledger;
    ledger.whenNudged = async () => {
      await whenNudged();
      expect(receiptOf(world).isFinished).toBe(false);
      if (++looks === 4) await world.arrive([gone]);
    };
    // Also while a version is written, so that its partition is dirty again before it is clean.
    const put = world.bucket.put.bind(world.bucket);
    world.bucket.put = (async (...args: Parameters<typeof put>) => {
      if (/^(facts|resolved)\//.test(args[0])) await goOn();
      return put(...args);
    }) as typeof put;
    await world.begin("e1", "erase", erase({ forget: false }));
    await world.goOn();
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(ledger.sending.size, "it still sends").toBe(1);
    expect(receiptOf(world)).toMatchObject({ pending: "[]", isFinished: true });
    expect(totalsOf(world)["distance all 2026-10"]).toBeUndefined();
    expect(world.rows("SELECT day FROM dirty")).toEqual([{ day: "2026-11-01" }]);
  });

  test("waits for what is parked meanwhile and goes out again", async () => {
    const world = await settled();
    const { ledger } = neverSilent(world, ada, "2026-11-01", 100);
    const gone = ledger.publish("2026-10-31", retracts("a1", 9));
    ledger.sending.add(gone.seq);
    let looks = 0;
    const { whenNudged } = ledger;
    ledger.whenNudged = async () => {
      await whenNudged();
      if (++looks === 2) await world.park(gone);
    };
    await world.begin("e1", "erase", erase({ forget: false }));
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect(world.rows("SELECT * FROM parked_change")).toEqual([]);
    expect(totalsOf(world)["distance all 2026-10"]).toBeUndefined();
  });

  test("leaves what is parked of other days and of what came since to others", async () => {
    const world = await settled();
    const ledger = world.ledgerAt(`workouts/${ada}`);
    await world.park(ledger.publish("2026-11-09", ride(ada, "a9", "2026-11-09", 900)));
    let looks = 0;
    ledger.whenNudged = async () => {
      if (++looks === 1) return;
      await world.park(ledger.publish("2026-11-01", ride(ada, `b${looks}`, "2026-11-01", 1)));
    };
    const gone = ledger.publish("2026-10-31", retracts("a1", 9));
    ledger.sending.add(gone.seq);
    await world.begin("e1", "erase", erase({ forget: false }));
    await expect(world.goOn()).rejects.toThrow("do not end");
    await world.arrive([gone]);
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect(ledger.asked).toEqual([]);
    const parked = world.rows("SELECT DISTINCT day FROM parked_change ORDER BY day");
    expect(parked).toEqual([{ day: "2026-11-01" }, { day: "2026-11-09" }]);
  });

  test("has all days said again where a letter does not say of which it is", async () => {
    const world = await settled();
    const ledger = world.ledgerAt(`workouts/${ada}`);
    await world.park({ ledger: ledger.name, seq: 7, day: "yesterday" });
    ledger.seq = 7;
    await world.begin("e1", "erase", erase({ forget: false }));
    await world.goOn();
    expect(ledger.asked).toEqual([null]);
    expect(world.rows("SELECT * FROM parked_change")).toEqual([]);
  });
});

/** What is dead does nothing any more, wherever its code was when it died. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ObjectStorage } from "../../../durable-objects/host.ts";
import { chanceOf } from "../../oracle/chance.ts";
import { VirtualClock } from "../week/clock.ts";
import type { Sim } from "../week/object.ts";
import { Namespace } from "./objects.ts";
import { noTroubles } from "./scenario.ts";
import { Wire } from "./wire.ts";

let opened: Promise<void>;
let open: () => void;
let sim: Sim;
let objects: Namespace;

/** Writes once somebody lets it: that is no call of a port, so nobody stops it there. */
class Writer {
  readonly #storage: ObjectStorage;
  constructor({ storage }: { storage: ObjectStorage }) {
    this.#storage = storage;
    storage.sql.exec("CREATE TABLE IF NOT EXISTS line (text TEXT)");
  }
  async write(how: string): Promise<void> {
    await opened;
    const put = () => this.#storage.sql.exec("INSERT INTO line VALUES (?)", how);
    if (how === "whole") this.#storage.transactionSync(put);
    else put();
  }
}
interface WriterPort {
  write(how: string): Promise<void>;
}

beforeEach(() => {
  opened = new Promise((resolve) => {
    open = resolve;
  });
  const clock = new VirtualClock(0);
  const troubles = { crashIn100: 0, failIn100: 0, lateAlarmIn100: 0 };
  sim = { clock, chance: chanceOf(1), troubles, violations: new Map() };
  const wire = new Wire(clock, chanceOf(2), noTroubles, null);
  objects = new Namespace(sim, wire, "ledger", Writer as never);
});
afterEach(() => objects.close());

const writer = () => objects.getByName("one") as WriterPort;
const lines = () => objects.kept.get("one")?.storage.raw.prepare("SELECT text FROM line").all();
/** Until everything that can go on has gone on. */
const settled = () => new Promise(setImmediate);

test.each(["whole", "single"])(
  "who dies while its code is under way writes nothing: %s",
  async (how) => {
    const answer = writer().write(how);
    await settled();
    objects.evict();
    open();
    await expect(answer).rejects.toThrow("the object was reset");
    await settled();
    expect(lines()).toEqual([]);
    expect([...sim.violations]).toEqual([]);
    await writer().write(how);
    expect(lines()).toMatchObject([{ text: how }]);
  },
);

test("who died before it was ever in memory is not taken for awake", async () => {
  open();
  sim.troubles.crashIn100 = 100;
  await expect(writer().write("whole")).rejects.toThrow("the object was reset");
  expect(objects.kept.get("one")?.wasAwake).toBe(false);
  sim.troubles.crashIn100 = 0;
  await writer().write("whole");
  expect(objects.kept.get("one")?.wasAwake).toBe(true);
});

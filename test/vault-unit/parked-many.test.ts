/** A delivery of which nothing could be read: all of it parks, for a few calls, and once. */
import { expect, test } from "vitest";
import { listParked, openParked, parkItems } from "../../workers/vault/parked-store.ts";
import { connectionNamed, makeWorld } from "./world.ts";

const nowMs = Date.UTC(2026, 10, 20);

test("ten thousand items of two connections park once, within the calls of one invocation", async () => {
  let calls = 0;
  const gate = async () => void calls++;
  const world = makeWorld({ shards: 1, gate });
  const { member, vault } = await world.enrol(`${"0".repeat(31)}1`, nowMs);
  const item = (n: number) => ({
    ...{ member, connection: connectionNamed(`c${n % 2}`), provider: "terra" },
    ...{ reason: "bad-unit", body: `{"n":${n}}` },
  });
  const items = [...Array.from({ length: 10_000 }, (_, n) => item(n)), item(0)];
  calls = 0;
  expect(await parkItems(world.shards, items, nowMs)).toBe("sealed");
  expect(calls).toBeLessThan(500);
  const ids = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const page = await listParked(world.shards, cursor, 500);
    for (const { id } of page.items) ids.add(id);
    cursor = page.next;
    if (cursor === null) break;
  }
  expect(ids.size).toBe(10_000);
  await parkItems(world.shards, items.slice(0, 300), nowMs + 1);
  const first = await listParked(world.shards, null, 500);
  expect(first.items.every(({ atMs }) => atMs === nowMs)).toBe(true);
  const opened = await openParked(vault, first.items[0]?.id ?? "", nowMs);
  expect(opened).toMatchObject({
    entry: { reason: "bad-unit" },
    body: expect.stringMatching(/^\{"n":\d+\}$/),
  });
});

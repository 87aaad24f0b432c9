/** What a ledger leaves out of streams that have no boards, or that the vault resolves. */
import { expect, test } from "vitest";
import type { OpenFact } from "../../domain/ports.ts";
import { samples } from "../../domain/samples/stream.ts";
import { noSettings } from "../../domain/settings.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { record } from "../../kernel/record.ts";
import { chunkOf, dayOf } from "../domain/samples/open-facts.ts";
import { workout } from "../domain/workouts/facts.ts";
import { MemoryStore } from "./memory-store.ts";
import { retracts } from "./statements.ts";

const day = "2026-11-14";

test("of a stream without boards it keeps what counts, and no sums", () => {
  const [ranked, unranked] = [new MemoryStore(), new MemoryStore()];
  record(ranked, workouts, noSettings, [workout({})]);
  record(unranked, { ...workouts, ranked: false }, noSettings, [workout({})]);
  expect(unranked.resolvedBytes()).toEqual(ranked.resolvedBytes());
  expect(Object.keys(ranked.totals()).length).toBeGreaterThan(0);
  expect(unranked.totals()).toEqual({});
});

test("of what the vault resolves it keeps and publishes facts, and concludes nothing", () => {
  const store = new MemoryStore();
  const facts = [chunkOf(day, "a"), dayOf(day, { steps: 5 })] as unknown as OpenFact[];
  expect(record(store, samples, noSettings, facts)).toEqual(["new", "new"]);
  expect(store.changes.map((change) => change.day)).toEqual([day, day]);
  expect([store.resolvedBytes(), store.totals()]).toEqual([[], {}]);
  const gone = facts.map(({ id }) => retracts(id, 2));
  expect(record(store, samples, noSettings, gone)).toEqual(["retracted", "retracted"]);
  expect(store.changes).toHaveLength(4);
  expect(store.retractions).toEqual(gone);
});

/**
 * This release over what the one before left behind: its databases, objects and buckets as they were
 * recorded, and its messages that were still in the queue when the workers changed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Person } from "../../local/people.ts";
import { type System, startSystem } from "../../local/system.ts";
import { deliver, expectedOf, landedLines, memberIn, standingAfter } from "./days.ts";
import { unpack } from "./recorded.ts";

let state: string;
let system: System;
let person: Person;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "singlet-recorded-"));
  await unpack(state);
  system = await startSystem({ state });
  person = await memberIn(system);
});
afterAll(async () => {
  await system.close();
  await rm(state, { recursive: true, force: true });
});

it("finds everything that the release before kept: workouts, readings, boards, archive", async () => {
  expect(await standingAfter(system, person, 1)).toEqual(expectedOf(1));
});

it("understands the messages of the release before, one by one and many, and counts none twice", async () => {
  const changes = await system.runtime.mf.getQueueProducer("CHANGES", "singlet-edge");
  const lines = await landedLines(system, person.id);
  // A ledger that waits long for its confirmation says a thing again: more lines, no more identities.
  expect(new Set(lines.map(({ statement }) => statement.id)).size).toBe(expectedOf(1).landed);
  await changes.send(lines);
  for (const line of lines) await changes.send(line);
  await deliver(system, person, 1);
  expect(await standingAfter(system, person, 2)).toEqual(expectedOf(2));
});

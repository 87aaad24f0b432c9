/** The oracle of the simulated week finds what it is there to find. */
import { describe, expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { accept } from "../../kernel/accept.ts";
import type { Draft } from "../../providers/provider.ts";
import { chanceOf } from "../oracle/chance.ts";
import { simulate } from "../sim/connections.ts";
import { judge, noVerdict } from "../sim/week/oracle.ts";
import { weekProviders } from "../sim/week/providers.ts";
import { Recorded } from "../sim/week/recorded.ts";
import { sentOf } from "../sim/week/service.ts";
import { type Account, recordOf, type WeekRecord } from "../sim/week/world.ts";

const startMs = Date.UTC(2026, 10, 2);

async function world() {
  const account: Account = {
    kind: "like-polar",
    member: "member-1" as MemberId,
    connection: "connection-1" as ConnectionId,
    user: "somebody",
    account: "hash",
    offsetMin: 0,
    ping: false,
    heavy: false,
    connectMs: startMs,
    records: new Map(),
    inOrder: [],
  };
  const chance = chanceOf(1);
  const recorded = new Recorded(account, () => {});
  const take = async (drafts: readonly Draft[]) => {
    const ports = recorded.ports((effect) => effect());
    await accept(ports, workouts, { ...account, provider: account.kind }, drafts, [], () => "");
  };
  const draftOf = (record: WeekRecord) => {
    const draft = weekProviders[account.kind].normalise(
      "activities",
      sentOf(account, record),
      startMs,
    );
    if (!draft.ok) throw new Error(draft.error);
    return draft.value;
  };
  const put = () => recordOf(account, chance, startMs, startMs);
  const wrong = () => {
    const verdict = noVerdict();
    judge(verdict, account, recorded);
    return [...verdict.wrong.keys()];
  };
  return { account, put, take, draftOf, wrong };
}

describe("the oracle of the week", () => {
  it("misses a record that nobody recorded, and has nothing to say once it is", async () => {
    const { put, take, draftOf, wrong } = await world();
    const record = await put();
    expect(wrong()).toEqual(["missing"]);
    await take([draftOf(record)]);
    await take([draftOf(record)]);
    expect(wrong()).toEqual([]);
  });

  it("wants the latest state, and the latest revision of it", async () => {
    const { put, take, draftOf, wrong } = await world();
    const record = await put();
    await take([draftOf(record)]);
    record.version++;
    expect(wrong()).toEqual(["not its latest state"]);
    record.version--;
    record.updatedMs++;
    expect(wrong()).toEqual(["not its latest revision"]);
  });

  it("wants what is deleted retracted, and nothing else", async () => {
    const { put, take, draftOf, wrong } = await world();
    const record = await put();
    await take([draftOf(record)]);
    record.gone = true;
    record.goneVersion = record.version + 1;
    expect(wrong()).toEqual(["deleted, and still there"]);
    await take([{ sourceId: record.id, revision: startMs + 1, retracted: true }]);
    expect(wrong()).toEqual([]);
    record.gone = false;
    expect(wrong()).toEqual(["retracted, and the provider holds it"]);
  });

  it("sees what was retracted for a while, though it was never gone", async () => {
    const { put, take, draftOf, wrong } = await world();
    const record = await put();
    await take([draftOf(record)]);
    await take([{ sourceId: record.id, revision: startMs + 1, retracted: true }]);
    record.restored = 1;
    record.updatedMs = startMs + 2;
    await take([draftOf(record)]);
    expect(wrong()).toEqual(["retracted, and never gone"]);
  });

  it("knows a fact that no provider holds", async () => {
    const { account, put, take, draftOf, wrong } = await world();
    const record = await put();
    await take([draftOf(record)]);
    account.records.clear();
    expect(wrong()).toEqual(["a fact that no provider holds"]);
  });

  it("sees a budget exceeded by whoever takes it for a greater one", async () => {
    const allowed = JSON.stringify({ "like-garmin": { day: 5 } });
    const outcome = await simulate({ connections: 10, days: 1, seed: 1, allowed });
    expect([...outcome.wrong.keys()].join()).toMatch(/like-garmin: calls above the budget/);
  });
});

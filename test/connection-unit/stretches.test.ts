/** A provider that gives so many days at a time, and says nothing of which: COROS. */
import { beforeEach, expect, test, vi } from "vitest";
import { coros } from "../../providers/coros.ts";
import { ConnectionWorld, dayMs, linkOf, startMs } from "./connection-world.ts";
import { replyOf } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const days = 70;

/** A run a day, under ids that differ beyond what a double holds. */
const runs = Array.from({ length: days }, (_, n) => {
  const startTime = Math.floor((startMs - (n + 1) * dayMs) / 1000);
  return { labelId: 418173315956375000n + BigInt(n), startTime, endTime: startTime + 3_600 };
});
const dateOf = (seconds: number) =>
  new Date(seconds * 1000).toISOString().slice(0, 10).replaceAll("-", "");
const written = ({ labelId, startTime, endTime }: (typeof runs)[number]) =>
  `{"labelId":${labelId},"mode":8,"subMode":1,"startTime":${startTime},"endTime":${endTime},` +
  `"startTimezone":8,"distance":10000}`;

test("is read stretch by stretch until all of a window was had", async () => {
  const { backfill: _, habit: __, ...rest } = coros;
  const world = new ConnectionWorld({ ...rest, name: "site" });
  const asked: string[] = [];
  world.site.wrong = (request) => {
    const { startDate = "", endDate = "" } = "path" in request ? request.query : {};
    asked.push(`${startDate}-${endDate}`);
    const there = runs.filter(({ startTime }) => {
      const date = dateOf(startTime);
      return startDate <= date && date <= endDate;
    });
    const body = `{"result":"0000","message":"OK","data":[${there.map(written).join()}]}`;
    return { ...replyOf(200, {}), body };
  };
  await world.core.open(linkOf());
  const [collection = ""] = coros.pull.collections;
  await world.core.notice([
    { collection, fromMs: startMs - days * dayMs, toMs: startMs, gone: null },
  ]);
  await world.rest();
  expect(asked).toHaveLength(3);
  expect(world.memory.store.factsIn({ fromMs: 0, toMs: startMs }, 0)).toHaveLength(days);
});

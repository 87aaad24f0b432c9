/** How what Fitbit measured was asked for: by days, and read by the whole answer. */
import { expect, it } from "vitest";
import { fitbit } from "../../../providers/fitbit.ts";
import { replied } from "../replied.ts";

const { pull, samples, link } = fitbit;
const step = (collection: string, days = 7) => ({
  collection,
  fromMs: Date.UTC(2026, 9, 14 - days),
  toMs: Date.UTC(2026, 9, 14),
});

it.each([
  ["sleep", "/1.2/user/-/sleep/date"],
  ["body", "/1/user/-/body/log/weight/date"],
  ["steps", "/1/user/-/activities/steps/date"],
  ["heart-days", "/1/user/-/activities/heart/date"],
])("%s is listed by its days, 31 at most", (collection, path) => {
  expect(pull.list(step(collection), null)).toEqual({
    path: `${path}/2026-10-07/2026-10-15.json`,
    query: {},
  });
  expect(pull.list(step(collection, 90), null).path).toBe(`${path}/2026-09-15/2026-10-15.json`);
  expect(link.paths.some((prefix) => path.startsWith(prefix))).toBe(true);
});

it("an answer is one item", () => {
  const body = {
    "activities-heart": [{ dateTime: "2026-10-13", value: { restingHeartRate: 52 } }],
  };
  const reply = replied({ body: JSON.stringify(body) });
  expect(pull.page(reply, step("heart-days"), null)).toEqual({
    ok: true,
    value: { items: [body], next: null },
  });
  expect(samples.read("heart-days", body)).toMatchObject({
    value: [{ metric: "resting_heart_rate", value: 52, sourceId: "2026-10-13", whole: "day" }],
  });
  expect(pull.page(replied({ body: "[]" }), step("sleep"), null)).toEqual({
    ok: false,
    error: "broken",
  });
  // The same list, of one workout.
  expect(pull.page(reply)).toEqual({ ok: true, value: { items: [], next: null } });
});

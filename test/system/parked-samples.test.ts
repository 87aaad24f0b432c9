/** What could not be read of a member's samples, replayed over the real workers as often as one likes. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { deliverByKey } from "../../local/deliveries.ts";
import { enrol } from "../../local/people.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

let own: OwnSystem;
beforeAll(async () => {
  own = await ownSystem();
});
afterAll(() => own.end());

it("is read again where its member lives, changes nothing that stands, and stays for what is left", async () => {
  const { system } = own;
  const zone = { zone: "Asia/Tokyo" };
  const who = await enrol(system, "subject-parked", "A name", ["member"], zone);
  const operator = await enrol(system, "subject-operator", "The operator", ["operator"]);
  const { key } = (await as(system, who).post("/v1/connections/health-auto-export", {})).body;
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const data = [80, 9e9].map((qty, i) => ({ qty, date: `${yesterday} 0${i + 1}:00:00 +0900` }));
  const body = { data: { metrics: [{ name: "weight_body_mass", units: "kg", data }] } };
  expect((await deliverByKey(system, "health-auto-export", key, body)).status).toBe(200);
  const { items } = (await as(system, operator).get("/v1/ops/parked")).body;
  expect(items).toMatchObject([{ provider: "health-auto-export", reason: "impossible-value" }]);
  const replay = `/v1/ops/parked/${items[0].id}/replay`;
  for (let i = 0; i < 2; i++) {
    const answer = await as(system, operator).post(replay, {});
    expect(answer.body).toEqual({ recorded: ["older"], still: "impossible-value" });
  }
});

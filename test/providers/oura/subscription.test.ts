import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { formatMoment, msPerDay } from "../../../domain/time.ts";
import { oura } from "../../../providers/oura.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);

describe("the subscriptions", () => {
  const { subscription } = oura;
  const webhookUrl = "https://singlet.example/webhooks/oura";
  const setup = {
    webhookUrl,
    secret: "s",
    verification: "the-word",
    project: "",
    nowMs: receivedMs,
  };
  const path = "/v2/webhook/subscription";
  const one = (event_type: string, days: number, over: object = {}, data_type = "workout") => ({
    id: `sub_${event_type}`,
    callback_url: webhookUrl,
    event_type,
    data_type,
    expiration_time: formatMoment(receivedMs + days * msPerDay),
    ...over,
  });
  const all = ["create", "update", "delete"].map((event) => one(event, 60));
  const types = ["sleep", "daily_activity", "daily_spo2"];
  const ofSamples = types.flatMap((type) =>
    ["create", "update"].map((event) => one(event, 60, {}, type)),
  );
  const asked = (list: unknown, over: Partial<ProviderReply> = {}) =>
    subscription.judge(setup, replied({ body: JSON.stringify(list), ...over }));
  const judged = (list: unknown, over: Partial<ProviderReply> = {}) =>
    asked(Array.isArray(list) ? [...list, ...ofSamples] : list, over);
  const wanted = (event_type: string, data_type = "workout") => ({
    callback_url: webhookUrl,
    verification_token: "the-word",
    event_type,
    data_type,
  });

  it("that are all there hold until the first of them ends", () => {
    expect(subscription.look(setup)).toEqual({ method: "GET", path, query: {} });
    const list = [...all.slice(0, 2), one("delete", 20), { data_type: "sleep" }, null];
    expect(judged(list)).toEqual({
      ok: true,
      value: { active: true, until: receivedMs + 20 * msPerDay },
    });
  });

  it.each([0, 1, 2])("are made where one is missing (%i)", (n) => {
    const event = ["create", "update", "delete"][n] as string;
    expect(judged(all.filter((_, i) => i !== n))).toEqual({
      ok: true,
      value: { method: "POST", path, query: {}, json: wanted(event) },
    });
  });

  it("are made for what feeds the samples, after the workouts'", () => {
    expect(asked([])).toMatchObject({ value: { json: wanted("create") } });
    const made: unknown[] = [];
    let list: unknown[] = [...all];
    for (const _ of ofSamples) {
      const judgement = asked(list);
      if (!judgement.ok || "active" in judgement.value) break;
      const json = judgement.value.json as { event_type: string; data_type: string };
      made.push([json.data_type, json.event_type]);
      list = [...list, one(json.event_type, 60, {}, json.data_type)];
    }
    expect(made).toEqual(types.flatMap((type) => [["create"], ["update"]].map(([e]) => [type, e])));
    expect(asked(list)).toMatchObject({ value: { active: true } });
  });

  it("are renewed two weeks before they end, or after", () => {
    for (const days of [14, 1, -3])
      expect(judged([...all.slice(0, 2), one("delete", days)])).toEqual({
        ok: true,
        value: { method: "PUT", path: `${path}/renew/sub_delete`, query: {} },
      });
    expect(judged([...all.slice(0, 2), one("delete", 14.01)])).toMatchObject({
      value: { active: true },
    });
  });

  it("that point elsewhere are set anew", () => {
    const elsewhere = one("update", 60, { callback_url: "https://elsewhere.example/" });
    expect(judged([elsewhere, ...all.filter((s) => s.event_type !== "update")])).toEqual({
      ok: true,
      value: { method: "PUT", path: `${path}/sub_update`, query: {}, json: wanted("update") },
    });
  });

  it("are brought in order one by one, and then are", () => {
    let list: ReturnType<typeof one>[] = [
      one("create", 3),
      one("update", 60, { callback_url: "x" }),
    ];
    const asked: string[] = [];
    for (let i = 0; i < 6; i++) {
      const judgement = judged(list);
      if (!judgement.ok) throw new Error(judgement.error);
      if ("active" in judgement.value) break;
      const { method, path: to, json } = judgement.value;
      asked.push(`${method} ${to.slice(path.length)}`);
      const event = (json as { event_type: string } | undefined)?.event_type ?? "create";
      list = [...list.filter((s) => s.event_type !== event), one(event, 90)];
    }
    expect(asked).toEqual(["PUT /renew/sub_create", "PUT /sub_update", "POST "]);
    expect(judged(list)).toMatchObject({ value: { active: true } });
  });

  it("that cannot be read are not touched", () => {
    const broken = { ok: false, error: "broken" };
    expect(judged({ data: all })).toEqual(broken);
    expect(judged([one("create", 3, { id: "../x" })])).toEqual(broken);
    expect(judged([one("create", 3, { expiration_time: "soon" })])).toEqual(broken);
    expect(judged([], { status: 401, body: "" })).toEqual({ ok: false, error: "refused" });
    expect(judged([], { status: 429, body: "" })).toEqual({ ok: false, error: "again" });
  });
});

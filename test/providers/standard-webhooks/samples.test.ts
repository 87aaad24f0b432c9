import { describe, expect, it } from "vitest";
import { metrics } from "../../../providers/samples.ts";
import { units } from "../../../providers/standard-webhooks/bounds.ts";
import { standardWebhooks } from "../../../providers/standard-webhooks.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const at = Date.UTC(2026, 10, 14, 7);

describe("samples", () => {
  const stated = {
    id: "s-1",
    type: "weight",
    value: 71.5,
    unit: "kg",
    startDate: "2026-11-14T08:00:00+01:00",
  };
  const sample = (more: object) =>
    standardWebhooks.samples.read(
      "sample",
      { sender: "acme", sample: { ...stated, ...more } },
      receivedMs,
    );

  it("are of every metric in its one unit", () => {
    expect(Object.keys(units)).toEqual([...metrics]);
    const endDate = "2026-11-14T09:00:00+01:00";
    for (const type of metrics)
      expect(sample({ type, unit: units[type], endDate })).toMatchObject({
        ok: true,
        value: [{ metric: type, unit: units[type], fromMs: at, toMs: at + 3_600_000 }],
      });
    expect(sample({})).toEqual({
      ok: true,
      value: [
        {
          metric: "weight",
          sourceId: '["acme","s-1"]',
          fromMs: at,
          toMs: at,
          offsetMin: 60,
          value: 71.5,
          unit: "kg",
        },
      ],
    });
  });

  it("say what measured them and which statement it is, where their sender does", () => {
    const sourceDevice = { id: "scale-3", kind: "scale", model: "Body+" };
    expect(sample({ revision: 3, sourceDevice, sourceApp: "Acme" })).toMatchObject({
      value: [{ revision: 3, device: sourceDevice, app: "Acme" }],
    });
    const updatedAt = "2026-11-14T09:00:00Z";
    expect(sample({ updatedAt, sourceDevice: { id: "s" } })).toMatchObject({
      value: [
        { revision: Date.parse(updatedAt), device: { id: "s", kind: "unknown", model: null } },
      ],
    });
  });

  it.each<[string, object]>([
    ["bad-type", { type: "mood" }],
    ["bad-type", { type: null }],
    ["bad-value", { value: "71.5" }],
    ["bad-value", { value: -1 }],
    ["bad-value", { value: null }],
    ["bad-unit", { unit: "lb" }],
    ["bad-unit", { unit: null }],
    ["no-start", { startDate: null }],
    ["no-zone", { startDate: "2026-11-14T08:00:00" }],
    ["bad-end", { endDate: "2026-11-14T07:00:00+01:00" }],
    ["start-in-future", { startDate: "2031-11-14T08:00:00Z" }],
    ["bad-stage", { stage: "rem" }],
    ["bad-stage", { type: "sleep", unit: "s", stage: "dozing" }],
    ["bad-value", { type: "sleep", unit: "s", value: 60, stage: "rem" }],
    ["no-id", { id: {} }],
    ["bad-revision", { revision: -1 }],
    ["bad-updated-at", { updatedAt: "yesterday" }],
    ["bad-device", { sourceDevice: "scale-3" }],
    ["bad-device", { sourceDevice: { kind: "scale" } }],
    ["bad-device", { sourceDevice: { id: "scale-3", kind: "toaster" } }],
    ["bad-device", { sourceDevice: { id: "scale-3", model: 7 } }],
    ["bad-app", { sourceApp: {} }],
  ])("%s for one whose field is out of its form", (slug, more) => {
    expect(sample(more)).toEqual({ ok: false, error: slug });
  });
});

/** Whether a name is that of a model, and may be seen by others, or may be somebody's own. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelOf } from "../../providers/device-models.ts";

describe("a device's name", () => {
  it.each([
    "Garmin Edge 530",
    "Garmin Edge 1040 Solar",
    "Garmin Forerunner 265S",
    "Garmin fenix 7X Pro",
    "Garmin fēnix 8",
    "Wahoo ELEMNT BOLT",
    "Wahoo ELEMNT ROAM V2",
    "ELEMNT BOLT",
    "Polar Vantage V3",
    "Polar M430",
    "Suunto 9 Peak Pro",
    "Suunto Race S",
    "COROS PACE 3",
    "COROS VERTIX 2S",
    "Apple Watch Series 9",
    "Apple Watch Ultra 2",
    "Apple Watch SE",
    "Samsung Galaxy Watch 6 Classic",
    "Pixel Watch 2",
    "Fitbit Ionic",
    "Fitbit Charge 6",
    "Concept2 PM5",
    "PM5",
    "WHOOP",
    "Hammerhead Karoo 2",
    "Amazfit T-Rex 2",
    "Tacx Neo 2T",
    "Peloton Bike+",
  ])("%s is a model's", (name) => {
    expect(modelOf(name)).toBe(name);
  });

  it.each([
    "Garmin of Anna Müller",
    "Anna Müller's Garmin Edge 530",
    "Garmin Edge 530 (Anna)",
    "Garmin Anna",
    "Garmin anna@example.org",
    "Garmin 0151 2345",
    "Garmin 01512345678",
    "Garmin Edge +491512345678",
    "Garmin Edge 015 123 45 67",
    "Garmin Edge 53 04 A1 B2",
    "Garmin  Edge 530",
    "Garmin\tEdge",
    "Garmin Edge 530 ",
    "Edge 530",
    "530",
    "",
    `Garmin ${"Edge ".repeat(20)}`.trim(),
    "Garmin Edge Solar Pro Plus SE Ultra",
  ])("%j may be anybody's", (name) => {
    expect(modelOf(name)).toBeNull();
  });

  it("that is none is none, and of any text what is taken is the whole of it, and short", () => {
    for (const none of [null, 7, {}, ["Garmin"], { toString: 1 }]) expect(modelOf(none)).toBeNull();
    const word = fc.oneof(
      fc.constantFrom("Garmin", "COROS", "Edge", "530", "7X", "pro", "Anna", "0151", "a@b.c"),
      fc.string({ unit: "grapheme" }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const name = words.join(" ");
        const model = modelOf(name);
        if (model === null) return true;
        const digits = model.replaceAll(/\D/g, "");
        return model === name && name.length <= 40 && digits.length <= 8 && !/Anna|@/.test(name);
      }),
    );
  });
});

/** Where an entry stands in the log: by its name or its proof's path, and whether it can be proven yet. */
import { describe, expect, it } from "vitest";
import { isWitnessed, placeOf, placeOfProof, proofName } from "../../../web/log/place.ts";

describe("an entry of the log", () => {
  it("is found by its name and by its proof's path", () => {
    expect(placeOf("0/12")).toEqual({ log: "0", index: "12" });
    expect(placeOfProof("/v1/access-log/0/12/proof")).toEqual(placeOf("0/12"));
    expect(placeOfProof("/v1/elsewhere/0/12/proof")).toBeNull();
  });

  it("names its proof", () => {
    expect(proofName(placeOf("1/7"))).toBe("1-7.tlog-proof");
  });

  it("can be proven once a witness has signed a log that holds it", () => {
    const logs = [{ log: 1, witnessed: 8 }];
    expect(isWitnessed(placeOf("1/7"), logs)).toBe(true);
    expect(isWitnessed(placeOf("1/8"), logs)).toBe(false);
  });

  it("of a log that is not known, may or may not be", () => {
    expect(isWitnessed(placeOf("0/7"), [{ log: 1, witnessed: 8 }])).toBeNull();
    expect(isWitnessed(placeOf("1/7"), undefined)).toBeNull();
  });
});

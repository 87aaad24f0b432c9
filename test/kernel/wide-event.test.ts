import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorClass, logLine, type WideEvent } from "../../kernel/wide-event.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

/** Logs what a careless caller might pass, and gives back the line that was written. */
function written(event: object): Record<string, unknown> {
  logLine(event as WideEvent);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines.pop() ?? "") as Record<string, unknown>;
}

const known = [
  ...["worker", "event", "requestId", "route", "method", "status", "durationMs", "provider"],
  ...["outcome", "reason", "items", "dropped", "parked", "recorded", "duplicates", "retries"],
  ...["stream", "day", "bucket", "facts", "consumer", "pending", "error"],
];

describe("a log line", () => {
  test("holds what was said in the fields it knows", () => {
    const event = { event: "webhook", provider: "garmin", status: 200, items: 0 };
    expect(written(event)).toEqual(event);
  });

  test.each([
    ...["body", "token", "signature", "authorization", "url", "heartRate", "userId", "member"],
    ...["account", "email", "message", "stack", "__proto__", "toString"],
  ])("never holds %s", (field) => {
    const event = JSON.parse(`{"event":"e","${field}":"SECRET"}`);
    expect(written(event)).toEqual({ event: "e" });
  });

  test("holds no field but the listed ones, whatever is passed", () => {
    const field = fc.oneof(fc.constantFrom(...known), fc.string());
    fc.assert(
      fc.property(fc.dictionary(field, fc.anything()), (event) => {
        for (const [name, value] of Object.entries(written(event))) {
          expect(known).toContain(name);
          expect(["string", "number", "object"]).toContain(typeof value);
          if (typeof value === "object") expect(value).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  test("holds no object, list or truth value, even in a field it knows", () => {
    const event = { error: new Error("SECRET"), reason: ["SECRET"], items: true, route: { a: 1 } };
    expect(written(event)).toEqual({});
  });

  test("is one line and short, whatever a value contains", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 200, unit: "binary" }), (reason) => {
        logLine({ reason: `\n${reason}` });
        const line = lines.pop() ?? "";
        expect(line).not.toContain("\n");
        expect((JSON.parse(line).reason as string).length).toBe(120);
      }),
    );
  });
});

describe("a thrown thing", () => {
  test("is named by its class, never by its message", () => {
    expect(errorClass(new TypeError("SECRET"))).toBe("TypeError");
    expect(errorClass("SECRET")).toBe("string");
    expect(errorClass(undefined)).toBe("undefined");
    expect(errorClass({ message: "SECRET" })).toBe("object");
  });
});

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { errorClass, logLine, type WideEvent, whoOf } from "../../kernel/wide-event.ts";

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
  ...["stream", "day", "bucket", "facts", "consumer", "pending", "absent", "who", "error"],
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

describe("a member", () => {
  test("is called by sixteen hex digits that only the key can make", async () => {
    const digest = hmacDigest(btoa("a key of thirty-two bytes, no less"));
    const other = hmacDigest(btoa("another key of thirty-two bytes, ok"));
    const member = "0a".repeat(16) as MemberId;
    const who = await whoOf(digest, member);
    expect(who).toMatch(/^[0-9a-f]{16}$/);
    expect(await whoOf(digest, member)).toBe(who);
    expect(await whoOf(digest, "0b".repeat(16) as MemberId)).not.toBe(who);
    expect(await whoOf(other, member)).not.toBe(who);
    expect(member).not.toContain(who);
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

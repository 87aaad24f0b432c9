import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { ask, hmac, now, standardSecret } from "./signature/signed.ts";

const body = '{"data":1}';

describe("a secret in the path", () => {
  const askPath = async (pathKey: string | null, secrets: unknown) =>
    (await ask({ kind: "path-secret" }, { pathKey, body, secrets })).is;

  it("is genuine when it is the current or the previous one", async () => {
    expect(await askPath("new", ["new", "old"])).toBe("genuine");
    expect(await askPath("old", ["new", "old"])).toBe("genuine");
  });

  it("is refused when wrong, missing, empty, or rotated out", async () => {
    for (const key of [null, "", "ne", "new ", "NEW", "newnew"])
      expect(await askPath(key, ["new"])).toBe("refused");
    expect(await askPath("b", ["e", "d", "c", "b", "oldest"])).toBe("genuine");
    expect(await askPath("oldest", ["e", "d", "c", "b", "oldest"])).toBe("refused");
    expect(await askPath("", [""])).toBe("refused");
    expect(await askPath("new", [])).toBe("refused");
    expect(await askPath("new", undefined)).toBe("refused");
  });

  it("names which one it was", async () => {
    const secrets = [{ kid: "autumn", secret: "new" }, "old"];
    const path = { kind: "path-secret" } as const;
    expect(await ask(path, { pathKey: "new", body, secrets })).toEqual({
      is: "genuine",
      kid: "autumn",
    });
    // The beginning of SHA-256 of "old", as sha256sum prints it.
    expect(await ask(path, { pathKey: "old", body, secrets })).toEqual({
      is: "genuine",
      kid: "cba06b57",
    });
  });
});

it("a device's delivery is never genuine by itself: its token is the route's to check", async () => {
  const asked = { headers: { authorization: "k" }, pathKey: "k", body, secrets: ["k"] };
  expect(await ask({ kind: "member-token" }, asked)).toEqual({ is: "refused" });
});

describe("every provider's recipe", () => {
  const all = Object.values<Provider>(providers);
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom("", "v1,", "t=1,v1=", now, `t=${now},v1=00`, ",", " ", "v1,AAAA v1,AAAA"),
    fc.uint8Array({ maxLength: 80 }).map((any) => Buffer.from(any).toString("base64")),
    fc.uint8Array({ maxLength: 40 }).map((any) => Buffer.from(any).toString("hex")),
  );
  const setting = fc.oneof(
    fc.array(
      fc.oneof(fc.anything(), text, fc.record({ kid: text, secret: text, notBefore: text })),
      { maxLength: 4 },
    ),
    fc.anything(),
  );

  it("answers whatever comes, and refuses what nobody signed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...all),
        text,
        fc.uint8Array({ maxLength: 64 }),
        setting,
        async ({ signature, greeting }, header, any, secrets) => {
          const headers = new Proxy({}, { get: () => header }) as Record<string, string>;
          const asked = { headers, pathKey: "\u0000never", body: Buffer.from(any), secrets };
          const verdict = await ask(signature, { ...asked, ...(greeting && { greeting }) });
          // An Authorization that is among the secrets asks for keys, and there are none.
          expect(verdict).toEqual({ is: "refused" });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("says no more than that it refuses, whatever was wrong", async () => {
    const wrong = [
      {},
      { "x-signature": hmac("other", body) },
      { "webhook-signature": "v1,AAAA", "webhook-id": "a", "webhook-timestamp": "0" },
    ];
    for (const { signature } of all)
      for (const headers of wrong)
        for (const secrets of [[], [standardSecret], undefined])
          expect(await ask(signature, { headers, body, secrets })).toEqual({ is: "refused" });
  });
});

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type {
  Greeting,
  Keyset,
  ProviderSecrets,
  SignatureRecipe,
} from "../../../providers/recipe.ts";
import { derToP1363, parseTinkKeyset } from "../../../providers/signature/tink.ts";
import { verify } from "../../../providers/signature.ts";
import { type Bytes, base64, bytes, der, framed, newKeys, sign, tinkEntry } from "./tink-signed.ts";

const tink: SignatureRecipe = {
  kind: "authorization-and-tink",
  headers: ["google-health-api-signature", "x-healthapi-signature"],
};
const greeting: Greeting = { kind: "authorised", body: '{"type":"verification"}', status: 201 };
const nowMs = Date.parse("2026-11-21T12:00:00Z");
const secrets: ProviderSecrets = { authorization: ["Bearer now", "Bearer before"] };
const keyId = 0xde_ad_be_ef;

let keys: CryptoKeyPair;
let others: CryptoKeyPair;
let published: Map<number, CryptoKey>;
const body = bytes('{"data":{"healthUserId":"a"}}');
const held: Keyset = async () => published;
const never: Keyset = async () => {
  throw new Error("the keys were asked for");
};

beforeAll(async () => {
  keys = await newKeys();
  others = await newKeys();
  published = await parseTinkKeyset(JSON.stringify({ key: [await tinkEntry(keys, keyId)] }));
});

/** The verdict in a word; of a greeting, its status. */
async function ask(headers: Record<string, string>, signed: Bytes, keyset: Keyset = held) {
  const input = { headers: new Headers(headers), pathKey: null, body: signed };
  const verdict = await verify(tink, greeting, input, secrets, keyset, nowMs);
  return verdict.is === "greeting" ? verdict.status : verdict.is;
}
const signedWith = (signature: string) => ({
  authorization: "Bearer now",
  "google-health-api-signature": signature,
});

describe("a body signed in Tink's framing", () => {
  it("is genuine under either header, with the current and the previous secret", async () => {
    const signature = await sign(keys, body, keyId);
    for (const authorization of ["Bearer now", "Bearer before"])
      for (const header of ["google-health-api-signature", "x-healthapi-signature"])
        expect(await ask({ authorization, [header]: signature }, body)).toBe("genuine");
  });

  it("is genuine under one header whatever the other says, and refused when neither is good", async () => {
    const [good, bad] = [await sign(keys, body, keyId), await sign(others, body, keyId)];
    const under = (first: string, second: string) =>
      ask(
        {
          authorization: "Bearer now",
          "google-health-api-signature": first,
          "x-healthapi-signature": second,
        },
        body,
      );
    for (const [first, second] of [
      [good, good],
      [good, bad],
      [bad, good],
      [good, ""],
      ["", good],
    ] as const)
      expect(await under(first, second)).toBe("genuine");
    for (const second of [bad, "", "AA=="]) expect(await under(bad, second)).toBe("refused");
  });

  it("is genuine whatever the lengths of the numbers in the signature", async () => {
    for (let i = 0; i < 64; i++) {
      const said = bytes(`body ${i}`);
      expect(await ask(signedWith(await sign(keys, said, keyId)), said)).toBe("genuine");
    }
  });

  it("is refused when a byte of the body changed", async () => {
    const signature = await sign(keys, body, keyId);
    const changed = body.slice();
    changed[3] = (changed[3] ?? 0) ^ 1;
    expect(await ask(signedWith(signature), changed)).toBe("refused");
  });

  it("is refused in a frame of another version, or under another key's id", async () => {
    const frame = Uint8Array.from(atob(await sign(keys, body, keyId)), (c) => c.charCodeAt(0));
    for (const [at, value] of [
      [0, 0],
      [0, 2],
      [4, 0],
    ] as const) {
      const changed = frame.slice();
      changed[at] = value;
      expect(await ask(signedWith(base64(changed)), body)).toBe("refused");
    }
    expect(await ask(signedWith(base64(frame)), body)).toBe("genuine");
  });

  it("is refused when another key signed it", async () => {
    expect(await ask(signedWith(await sign(others, body, keyId)), body)).toBe("refused");
  });

  it("is refused without the agreed authorization, and nothing else is looked at", async () => {
    const signature = await sign(keys, body, keyId);
    for (const headers of [{}, { authorization: "Bearer noW" }, { authorization: "" }])
      expect(await ask({ ...headers, "google-health-api-signature": signature }, body, never)).toBe(
        "refused",
      );
  });

  it("is refused when the header has no form of a signature, and no key is asked for", async () => {
    const good = await sign(keys, body, keyId);
    const bad = ["", "AA==", "not base64!", `${good}A`, "A".repeat(300), framed(keyId, body)];
    for (const signature of bad)
      expect(await ask(signedWith(signature), body, never)).toBe("refused");
    expect(await ask({ authorization: "Bearer now" }, body, never)).toBe("refused");
  });

  it("with an unknown key id asks once for fresh keys", async () => {
    const asked: boolean[] = [];
    const rotating: Keyset = async (refresh) => {
      asked.push(refresh);
      return refresh ? published : new Map();
    };
    expect(await ask(signedWith(await sign(keys, body, keyId)), body, rotating)).toBe("genuine");
    expect(asked).toEqual([false, true]);
    expect(await ask(signedWith(await sign(keys, body, 7)), body)).toBe("refused");
  });

  it("is neither genuine nor refused while the keys cannot be had", async () => {
    const signature = await sign(keys, body, keyId);
    expect(await ask(signedWith(signature), body, async () => "unavailable")).toBe("unavailable");
    const stale: Keyset = async (refresh) => (refresh ? "unavailable" : new Map());
    expect(await ask(signedWith(signature), body, stale)).toBe("unavailable");
  });
});

it("the verdict names the key that signed", async () => {
  const input = {
    headers: new Headers(signedWith(await sign(keys, body, keyId))),
    pathKey: null,
    body,
  };
  const verdict = await verify(tink, undefined, input, secrets, held, nowMs);
  expect(verdict).toEqual({ is: "genuine", kid: String(keyId) });
});

describe("the handshake", () => {
  const said = bytes('{ "type": "verification" }');

  it("needs the agreed authorization and no signature", async () => {
    expect(await ask({ authorization: "Bearer now" }, said, never)).toBe(201);
  });

  it("is refused with another authorization or none", async () => {
    expect(await ask({ authorization: "Bearer no" }, said, never)).toBe("refused");
    expect(await ask({}, said, never)).toBe("refused");
  });

  it("says nothing but its greeting", async () => {
    const more = bytes('{"type":"verification","data":{}}');
    expect(await ask({ authorization: "Bearer now" }, more, never)).toBe("refused");
  });

  it("is none for a recipe without that greeting", async () => {
    const input = {
      headers: new Headers({ authorization: "Bearer now" }),
      pathKey: null,
      body: said,
    };
    const verdict = await verify(tink, undefined, input, secrets, never, nowMs);
    expect(verdict).toEqual({ is: "refused" });
  });
});

describe("derToP1363", () => {
  const coordinate = fc.uint8Array({ minLength: 32, maxLength: 32 });

  it("gives back any pair of numbers", () => {
    fc.assert(
      fc.property(coordinate, coordinate, (r, s) => {
        const both = Uint8Array.from([...r, ...s]);
        expect(derToP1363(der(both))).toEqual(both);
      }),
    );
  });

  it("refuses every other encoding of the same numbers", () => {
    const good = der(new Uint8Array(64).fill(0x41));
    const wrong = [
      good.subarray(1),
      good.subarray(0, -1),
      Uint8Array.from([...good, 0]),
      Uint8Array.from([0x30, good.length - 1, ...good.subarray(2), 0]),
      Uint8Array.from([0x30, 0x81, good.length - 2, ...good.subarray(2)]),
      Uint8Array.from([0x30, 6, 2, 1, 0x80, 2, 1, 1]),
      Uint8Array.from([0x30, 7, 2, 2, 0, 1, 2, 1, 1]),
      Uint8Array.from([0x30, 5, 2, 0, 2, 1, 1]),
      Uint8Array.from([0x30, 3, 2, 1, 1]),
      new Uint8Array(),
    ];
    for (const signature of wrong) expect(derToP1363(signature)).toBeNull();
  });

  it("answers whatever bytes come", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (any) => {
        const out = derToP1363(any);
        return out === null || out.length === 64;
      }),
    );
  });
});

it("verify answers whatever header and body come", async () => {
  const header = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 120 }).map((any) => base64(any)),
    fc.uint8Array({ maxLength: 80 }).map((any) => framed(keyId, any)),
    fc
      .tuple(fc.uint8Array({ minLength: 64, maxLength: 64 }))
      .map(([any]) => framed(keyId, der(any))),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.uint8Array({ maxLength: 64 }), async (signature, any) => {
      const headers = {
        get: (name: string) => (name === "authorization" ? "Bearer now" : signature),
      };
      const input = { headers, pathKey: null, body: Uint8Array.from(any) };
      const verdict = await verify(tink, greeting, input, secrets, held, nowMs);
      expect(verdict).toEqual({ is: "refused" });
    }),
  );
});

describe("a published key set", () => {
  it("gives its enabled P-256 keys and leaves out the rest", async () => {
    const elsewhere = await tinkEntry(others, 3);
    elsewhere.keyData.typeUrl = "type.googleapis.com/google.crypto.tink.Ed25519PublicKey";
    const key = [
      await tinkEntry(keys, 1),
      await tinkEntry(others, 2, "DISABLED"),
      elsewhere,
      await tinkEntry(others, 4),
    ];
    expect([...(await parseTinkKeyset(JSON.stringify({ key }))).keys()]).toEqual([1, 4]);
  });

  it("throws when it is none, so that a broken answer never stands for no keys", async () => {
    for (const text of ["", "{}", "[]", '{"key":3}'])
      await expect(parseTinkKeyset(text)).rejects.toThrow();
  });
});

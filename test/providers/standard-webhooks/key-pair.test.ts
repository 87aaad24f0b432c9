/** What parity.test.ts cannot run beside the shared secrets: the same door with a public key. */
import { describe, expect, it } from "vitest";
import { verify } from "../../../providers/signature.ts";
import { standardWebhooks } from "../../../providers/standard-webhooks.ts";
import { withKeyPair } from "../cases/standard-webhooks.ts";

describe("signed by a key pair", () => {
  const verdict = async (one: (typeof withKeyPair.genuine)[number]) => {
    const { signature } = standardWebhooks;
    const bytes = new TextEncoder().encode(one.body as string);
    const input = { headers: new Headers(one.headers), pathKey: null, body: bytes };
    const { is } = await verify(
      signature,
      undefined,
      input,
      withKeyPair.secrets,
      async () => "unavailable",
      one.nowMs,
    );
    return is;
  };
  it.each(withKeyPair.genuine.map((one) => [one.name, one] as const))(
    "%s: genuine",
    async (_, o) => {
      expect(await verdict(o)).toBe("genuine");
    },
  );
  it.each(withKeyPair.forged.map((one) => [one.name, one] as const))(
    "%s: refused",
    async (_, o) => {
      expect(await verdict(o)).toBe("refused");
    },
  );
});

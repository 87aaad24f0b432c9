/** Deliveries for these tests, signed by node:crypto. */
import { createHmac } from "node:crypto";
import type {
  Greeting,
  HmacRecipe,
  Keyset,
  ProviderSecrets,
  SignatureRecipe,
  Verdict,
} from "../../../providers/recipe.ts";
import { verify } from "../../../providers/signature.ts";

export const nowMs = Date.parse("2026-11-21T12:00:00Z");
export const now = String(nowMs / 1000);

export const hmac = (
  secret: string | Buffer,
  message: string | Buffer,
  encoding: "hex" | "base64" = "hex",
  hash = "sha256",
) => createHmac(hash, secret).update(message).digest(encoding);

export const never: Keyset = async () => {
  throw new Error("the keys were asked for");
};

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathKey?: string | null;
  readonly body: string | Buffer;
  /** Of every kind but the path, which only counts where it is all; anything may stand in a setting. */
  readonly secrets: unknown;
  /** Besides. */
  readonly also?: ProviderSecrets;
  readonly nowMs?: number;
  readonly greeting?: Greeting;
}

/** Headers as they come, not as a Headers object would clean them. */
export function ask(recipe: SignatureRecipe, asked: Asked): Promise<Verdict> {
  const secrets = asked.secrets as readonly string[];
  const isByPath = recipe.kind === "path-secret";
  const kinds = {
    ...(isByPath ? { pathKeys: secrets } : {}),
    ...{ authorization: secrets, signing: secrets, shared: secrets },
    ...asked.also,
  };
  const input = {
    headers: { get: (name: string) => asked.headers?.[name] ?? null },
    pathKey: asked.pathKey ?? null,
    body: Uint8Array.from(Buffer.from(asked.body)),
  };
  return verify(recipe, asked.greeting, input, kinds, never, asked.nowMs ?? nowMs);
}
export const isGenuine = async (recipe: SignatureRecipe, asked: Asked) =>
  (await ask(recipe, asked)).is === "genuine";

const base = { kind: "hmac", hash: "SHA-256", key: "text" } as const;

/** Hex over the body alone. */
export const hexed: HmacRecipe = {
  ...base,
  signed: ["body"],
  headers: [{ signature: "x-signature" }],
  form: "hex",
};
/** `t=…,v1=…` over time, dot and body; under two names. */
export const stamped: HmacRecipe = {
  ...base,
  signed: ["time", ".", "body"],
  headers: [{ signature: "x-stamped" }, { signature: "x-stamped-too" }],
  form: "stamped",
  time: "seconds",
};
/** Base64 over time and body, the time in a header of its own. */
export const timed = (time: "seconds" | "milliseconds" | "either"): HmacRecipe => ({
  ...base,
  signed: ["time", "body"],
  headers: [{ signature: "x-signature", time: "x-time" }],
  form: "base64",
  time,
});
export const standard: HmacRecipe = {
  ...base,
  key: "standard-webhooks",
  signed: ["id", ".", "time", ".", "body"],
  headers: [
    { signature: "webhook-signature", time: "webhook-timestamp", id: "webhook-id" },
    { signature: "svix-signature", time: "svix-timestamp", id: "svix-id" },
  ],
  form: "versioned",
  time: "seconds",
};

export const standardBytes = Buffer.alloc(32, 9);
export const whsec = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;
export const standardSecret = whsec(standardBytes);
/** `v1,…` over id, time and body. */
export const v1 = (id: string, time: string, body: string | Buffer, key = standardBytes) =>
  `v1,${hmac(key, Buffer.concat([Buffer.from(`${id}.${time}.`), Buffer.from(body)]), "base64")}`;
export const standardHeaders = (signature: string, id = "msg_1", time = now) => ({
  "webhook-id": id,
  "webhook-timestamp": time,
  "webhook-signature": signature,
});

/** Where a provider is told to send is the door that demands the same secret part. */
import { expect, test } from "vitest";
import { webhookUrlOf } from "../../durable-objects/webhook-url.ts";
import type { Provider } from "../../providers/provider.ts";

const of = (kind: string) => ({ name: "site", signature: { kind } as Provider["signature"] });
const env = (pathKeys: unknown, PUBLIC_URL = "https://singlet.example/app") => ({
  PUBLIC_URL,
  PROVIDER_SECRETS: JSON.stringify({ site: { pathKeys } }),
});
const keys = [{ secret: "an/unguessable part" }];
const door = "https://singlet.example/webhooks/site";

test("it is the deployment's own, with the part of the path that it states", () => {
  expect(webhookUrlOf(of("none"), env(undefined), 0)).toBe(door);
  for (const kind of ["path-secret", "shared", "hmac"])
    expect(webhookUrlOf(of(kind), env(keys), 0)).toBe(`${door}/an%2Funguessable%20part`);
});

test("it is not known where the deployment states too little", () => {
  expect(webhookUrlOf(of("path-secret"), env(undefined), 0)).toBeNull();
  for (const url of ["", "singlet.example", "https://", "ftp://singlet.example", "mailto:a@b.c"])
    expect(webhookUrlOf(of("shared"), env(keys, url), 0)).toBeNull();
});

test("a member's own key is not the deployment's to tell", () => {
  expect(webhookUrlOf(of("member-key"), env(keys), 0)).toBe(door);
});

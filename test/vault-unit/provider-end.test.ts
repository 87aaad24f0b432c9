/** The end of a connection: told to the provider, and believed only when the provider says it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { Vault, VaultEnv } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { eraseIfEnded, refreshYoungMs, revoke } from "../../workers/vault/provider-end.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { type FakedProvider, type FakeProvider, startFakeProvider } from "../fakes/provider.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const hourMs = 3_600_000;
const paths = { garmin: "/di-oauth2-service/oauth/token", "google-health": "/token" } as const;

let fake: FakeProvider;
let world: World;
let env: VaultEnv;
let member: MemberId;
let vault: Vault;
beforeEach(async () => {
  fake = await startFakeProvider();
  world = makeWorld();
  const host = { api: fake.url, token: fake.url };
  const known = { clientId: "local", clientSecret: "local" };
  env = {
    ...world.env,
    PROVIDER_HOSTS: JSON.stringify({ garmin: host, "google-health": host }),
    PROVIDER_CREDENTIALS: JSON.stringify({ garmin: known, "google-health": known }),
  } as VaultEnv;
  ({ member, vault } = await world.enrol("ada", Date.now()));
});
afterEach(() => fake.close());

const seal = (
  connection: ConnectionId,
  row: string,
  columns: Record<string, string>,
  revision = Date.now(),
) => sealRows(vault, member, connection, [{ row, revision, columns }], Date.now());

/**
 * A connection with tokens and a reading; expired ones have to be renewed first. `more`: what else is
 * known of the tokens, which were had so long ago.
 */
async function connected(
  provider: FakedProvider,
  isExpired = false,
  more: object = {},
  agoMs = 0,
): Promise<ConnectionId> {
  const connection = connectionNamed(provider);
  const { access, refresh } = fake.issue(provider, "ada");
  const expiresAtMs = Date.now() + (isExpired ? -hourMs : hourMs);
  const token = JSON.stringify({ access, refresh, expiresAtMs, ...more });
  await seal(connection, connection, { token }, Date.now() - agoMs);
  await seal(connection, "f_1", { notes: '"a reading"' });
  return connection;
}
const rowsLeft = async () =>
  (await vault.phi.prepare("SELECT count(*) AS n FROM sealed").first<number>("n")) ?? 0;

describe.each(["garmin", "google-health"] as const)("revoking at %s", (provider) => {
  test.each([false, true])("ends the grant, tokens expired: %s", async (isExpired) => {
    const connection = await connected(provider, isExpired);
    expect(await revoke(env, member, connection, provider)).toBe("revoked");
    expect(fake.hasGrant(provider, "ada")).toBe(false);
    expect(await revoke(env, member, connection, provider), "there is nothing left").toBe("gone");
  });

  test("without a token there is nothing to tell", async () => {
    const none = connectionNamed("none");
    expect(await revoke(env, member, none, provider)).toBe("nothing");
    expect(fake.requests).toHaveLength(0);
  });

  test("says so when the provider does not take it", async () => {
    const connection = await connected(provider);
    fake.faults = { status: 503 };
    expect(await revoke(env, member, connection, provider)).toBe("failed");
  });
});

describe("a claim that the account withdrew", () => {
  const isEnded = (connection: ConnectionId) => eraseIfEnded(env, member, connection, "garmin");

  test.each([false, true])("is believed of a grant that ended, expired: %s", async (isExpired) => {
    const connection = await connected("garmin", isExpired);
    fake.endGrant("garmin", "ada");
    expect(await isEnded(connection)).toMatchObject({ ended: true });
    expect(await rowsLeft()).toBe(0);
    expect(await isEnded(connection), "asked again after a crash").toMatchObject({ ended: true });
  });

  test.each([false, true])("is not of a grant that lives, expired: %s", async (isExpired) => {
    const connection = await connected("garmin", isExpired);
    expect(await isEnded(connection)).toEqual({ ended: false });
    expect(await rowsLeft()).toBe(2);
  });

  test.each([
    ["had for longer than is sure", {}, refreshYoungMs + hourMs],
    ["past the time that the provider stated", { refreshExpiresAtMs: Date.now() - 1 }, hourMs],
  ])("is not of a refresh token that may only have lapsed: %s", async (_, more, agoMs) => {
    const connection = await connected("garmin", true, more, agoMs);
    fake.endGrant("garmin", "ada");
    expect(await isEnded(connection)).toEqual({ ended: false, why: "grant-ended" });
    expect(await rowsLeft()).toBe(2);
  });

  test.each([
    ["young", {}, refreshYoungMs - hourMs],
    ["old, and good for longer", { refreshExpiresAtMs: Date.now() + hourMs }, 2 * refreshYoungMs],
  ])("is believed of a refresh token that cannot have lapsed: %s", async (_, more, agoMs) => {
    const connection = await connected("garmin", true, more, agoMs);
    fake.endGrant("garmin", "ada");
    expect(await isEnded(connection)).toMatchObject({ ended: true });
  });

  test("is not where tokens are renewed, whatever the API says to them", async () => {
    const connection = await connected("garmin");
    fake.faults = { status: 401, only: "/wellness-api/rest/user/id" };
    expect(await isEnded(connection)).toEqual({ ended: false });
    expect(fake.refreshes("ada")).toBe(1);
    expect(await rowsLeft()).toBe(2);
  });

  test("is over for a member who was erased since", async () => {
    const connection = await connected("garmin");
    fake.endGrant("garmin", "ada");
    expect(await isEnded(connection)).toMatchObject({ ended: true });
    await eraseScope(vault, member, { kind: "member" }, Date.now());
    expect(await isEnded(connection)).toEqual({ ended: true, steps: [] });
  });

  test("is not where our own credentials are refused", async () => {
    const connection = await connected("garmin");
    fake.expireAccessTokens();
    fake.faults = { status: 401, only: paths.garmin };
    expect(await isEnded(connection)).toEqual({ ended: false });
    expect(await rowsLeft()).toBe(2);
  });

  test.each([429, 500, 503])("waits where the provider answers %i", async (status) => {
    const connection = await connected("garmin");
    fake.endGrant("garmin", "ada");
    fake.faults = { status };
    await expect(isEnded(connection)).rejects.toThrow("does not answer");
    expect(await rowsLeft()).toBe(2);
  });

  test("is not of a grant whose renewed tokens were lost on their way here", async () => {
    const connection = await connected("garmin", true);
    fake.faults = { loseRefresh: true, remaining: 1 };
    await expect(isEnded(connection)).rejects.toThrow("does not answer");
    const lost = { ended: false, why: "refresh-lost" };
    expect(await isEnded(connection)).toEqual(lost);
    expect(await isEnded(connection)).toEqual(lost);
    expect(await rowsLeft()).toBe(2);
  });

  test("waits where the provider breaks off", async () => {
    const connection = await connected("garmin");
    fake.endGrant("garmin", "ada");
    fake.faults = { truncate: true };
    await expect(isEnded(connection)).rejects.toThrow("does not answer");
    expect(await rowsLeft()).toBe(2);
  });

  test("is not where there is no token to ask with", async () => {
    expect(await isEnded(connectionNamed("none"))).toEqual({ ended: false });
  });

  test("is not where there is none to renew it by", async () => {
    const connection = connectionNamed("garmin");
    const { access } = fake.issue("garmin", "ada");
    const token = JSON.stringify({ access, refresh: null, expiresAtMs: Date.now() + hourMs });
    await seal(connection, connection, { token });
    fake.expireAccessTokens();
    expect(await isEnded(connection)).toEqual({ ended: false });
  });
});

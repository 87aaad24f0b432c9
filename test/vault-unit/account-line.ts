/** What tests of one account at the provider on loopback begin with: its host, and a line to it. */
import { afterEach, beforeEach, vi } from "vitest";
import type { Door, Line } from "../../workers/vault/provider-line.ts";
import { doorTo, lineTo, startTokenHost, type TokenHost } from "./token-host.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

export const connection = connectionNamed("one");
export const grant = { code: "good", state: "state-1", redirectUri: "https://app.test/back" };
export const words = { verifier: "v".repeat(43), enrol: "word-of-this-connection" };

/** Another host for each test, which `host` is while the test runs. */
export let host: TokenHost;
export async function anotherHost(): Promise<void> {
  host = await startTokenHost();
}
export function hostEach(): void {
  beforeEach(anotherHost);
  afterEach(async () => {
    vi.useRealTimers();
    await host.close();
  });
}

export interface Home {
  readonly world: World;
  readonly line: Line;
}
/** A member's line by a door of this kind. */
export async function homeIn(
  world: World,
  link: Partial<Door["link"]> = {},
  credentials: Partial<Door["credentials"]> = {},
): Promise<Home> {
  const { member, vault } = await world.enrol("ada", Date.now());
  const door = doorTo(host.url, link);
  const known = { ...door.credentials, ...credentials };
  return { world, line: lineTo({ ...door, credentials: known }, { vault, member, connection }) };
}
export const home = async (...by: [Partial<Door["link"]>?, Partial<Door["credentials"]>?]) =>
  (await homeIn(makeWorld(), ...by)).line;

export const asked = () => host.asked.map(({ method, path }) => `${method} ${path}`);

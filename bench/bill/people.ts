/** Those whose day is told. Making them and linking their accounts is set-up, and on nobody's bill. */
import { deliverSigned, saysBack } from "../../local/deliveries.ts";
import { call, expectStatus, link, type Person } from "../../local/people.ts";
import type { Deployment } from "./deployment.ts";

export interface Athlete extends Person {
  /** Accounts at the two that push; the phone is the member's own. */
  readonly garmin: string;
  readonly sender: string;
}

const tokenSeconds = 30 * 86_400;
const betweenMs = 1_000;
const zone = "Europe/Amsterdam";
/** Alarms of connections and ledgers that are new have gone off by then. */
const settledMs = 120_000;

export async function athletes(
  deployment: Deployment,
  count: number,
  say: (text: string) => void,
): Promise<Athlete[]> {
  const made: Athlete[] = [];
  for (let i = 0; i < count; i++) {
    made.push(await athlete(deployment, i));
    if ((i + 1) % 500 === 0) say(`${i + 1} of ${count} members`);
  }
  await deployment.rest(betweenMs * 2, settledMs);
  return made;
}

async function athlete(deployment: Deployment, i: number): Promise<Athlete> {
  const { system } = deployment;
  await deployment.until(deployment.nowMs + betweenMs);
  const times = { issuedAtMs: deployment.nowMs, expiresInSeconds: tokenSeconds };
  const token = await system.issuer.token(`rider-${i}`, ["member"], times);
  const body = { displayName: `Rider ${i}`, zone, onBoards: true };
  const me = expectStatus(await call(system.url, "PUT", "/v1/me", { token, body }), 200);
  const person = { name: `Rider ${i}`, id: me.body.id as string, token };
  const garmin = `rider-${i}-at-garmin`;
  expectStatus(await link(system, person, "garmin", garmin), 201);
  const sender = `rider-${i}-at-sender`;
  const path = "/v1/connections/standard-webhooks";
  const given = expectStatus(await call(system.url, "POST", path, { token, body: {} }), 201);
  const said = saysBack("standard-webhooks", sender, given.body.reference);
  const linked = { ...said, timestamp: new Date(deployment.nowMs).toISOString() };
  expectStatus(
    await deliverSigned(system, "standard-webhooks", linked, { atMs: deployment.nowMs }),
    200,
  );
  return { ...person, garmin, sender };
}

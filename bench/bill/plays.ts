/**
 * What is told one by one by members' own apps, at the pace of a deployment that gets a hundred
 * thousand facts a day: a listen as it ends, by a scrobbler; a sale as it is rung up, by a till.
 */
import { call, expectStatus } from "../../local/people.ts";
import type { Deployment } from "./deployment.ts";
import type { Athlete } from "./people.ts";

/** One of so many members sells. */
const membersPerMerchant = 50;
const playMs = 200_000;

export interface Teller {
  readonly provider: string;
  /** Of so many members, how many tell. */
  tellers(members: number): number;
  /** The `nth` thing that the teller says, at this time. */
  body(teller: number, nth: number, atMs: number): string;
}

export const scrobbler: Teller = {
  provider: "listenbrainz",
  tellers: (members) => members,
  body(_teller, nth, atMs) {
    const additional_info = { duration_ms: playMs, submission_client: "a scrobbler" };
    const track_metadata = {
      ...{ artist_name: `Artist ${nth % 40}`, track_name: `Track ${nth % 400}` },
      additional_info,
    };
    const listened_at = Math.floor((atMs - playMs) / 1000);
    return JSON.stringify({ listen_type: "single", payload: [{ listened_at, track_metadata }] });
  },
};

export const till: Teller = {
  provider: "poslog",
  tellers: (members) => Math.max(1, Math.round(members / membersPerMerchant)),
  body(teller, nth, atMs) {
    const day = new Date(atMs).toISOString();
    const line = (n: number, what: string) =>
      `<LineItem><SequenceNumber>${n}</SequenceNumber>${what}</LineItem>`;
    const item = (n: number) =>
      `<Sale><ItemID>SKU-${(nth + n) % 90}</ItemID><ExtendedAmount>2.50</ExtendedAmount><Quantity>1</Quantity></Sale>`;
    const tender = '<Tender TenderType="Cash"><Amount>7.50</Amount></Tender>';
    const total = '<Total TotalType="TransactionGrandAmount">7.50</Total>';
    const head = `<RetailStoreID>${teller}</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>${nth}</SequenceNumber><BusinessDayDate>${day.slice(0, 10)}</BusinessDayDate><EndDateTime>${day}</EndDateTime><CurrencyCode>EUR</CurrencyCode>`;
    const lines = [0, 1, 2].map((n) => line(n + 1, item(n))).join("") + line(4, tender);
    return `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/"><Transaction>${head}<RetailTransaction>${lines}${total}</RetailTransaction></Transaction></POSLog>`;
  },
};

/** The keys of those who tell; set-up, and on nobody's bill. */
export async function keysFor(
  { system }: Deployment,
  { provider, tellers }: Teller,
  members: readonly Athlete[],
): Promise<string[]> {
  const keys: string[] = [];
  for (const { token } of members.slice(0, tellers(members.length))) {
    const path = `/v1/connections/${provider}`;
    const given = await call(system.url, "POST", path, { token, body: {} });
    keys.push(expectStatus(given, 201).body.key);
  }
  return keys;
}

export async function say(
  { system, nowMs }: Deployment,
  { provider, body }: Teller,
  keys: readonly string[],
  nth: number,
): Promise<void> {
  const teller = nth % keys.length;
  const path = `/webhooks/${provider}/${keys[teller]}`;
  const told = { body: body(teller, nth, nowMs) };
  expectStatus(await call(system.url, "POST", path, told), 200);
}

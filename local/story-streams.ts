/**
 * The demo's last chapter: the kernel that counts rides counts what was played and what was sold, by
 * the same rules. A song comes from two files of one player, a sale twice from one till.
 */
import { eventually } from "./deliveries.ts";
import { type Answer, call, enrol, expectStatus, type People } from "./people.ts";
import type { System } from "./system.ts";

const artist = "The Dike Runners";
const track = "Tailwind";
/** A number that processors publish for tests. */
const testCard = "4111111111111111";
const keyTooSoon = 429;
/** What happens is watched for two days; a till that is heard shows within seconds. */
const watchedMs = 2 * 86_400_000;
const looks = { tries: 200 };

/** Lines to be said; throws when they do not come out. `atMs`: when it was played and sold. */
export async function streamsChapter(
  system: System,
  { members, staff }: People,
  atMs: number,
): Promise<string[]> {
  const ask = (token: string, method: string, path: string, more: object = {}) =>
    call(system.url, method, path, { token, ...more });
  const lines = await played(ask, members.ada.token, atMs);
  const { ben } = members;
  const stores = await enrol(system, "merchandiser", "The merchandiser", ["merchandiser"]);
  const plays = await enrol(system, "artist", artist, ["artist"]);
  for (const reader of [
    { member: stores.id, role: "merchandiser", of: ben.id },
    { member: plays.id, role: "artist", of: artist },
  ])
    expectStatus(await ask(staff.operator.token, "PUT", "/v1/ops/readers", { body: reader }), 200);
  const given = await ask(ben.token, "POST", "/v1/connections/poslog", { body: {} });
  if (given.status === keyTooSoon)
    return [
      ...lines,
      "   Ben's till had its key less than a minute ago and keeps it: nothing is sold",
    ];
  const { url } = expectStatus(given, 201).body;
  const till = async () => {
    const headers = { "content-type": "application/xml" };
    const { status } = await fetch(url, { method: "POST", headers, body: receipt(atMs) });
    return status;
  };
  const answered = [await till(), await till()];
  const path = `/v1/merchants/${ben.id}/live?minutes=2880`;
  const { body } = await eventually(
    () => ask(stores.token, "GET", path),
    (answer) => answer.body.stores?.length > 0,
    Date.now() - atMs < watchedMs ? looks : { tries: 1 },
  );
  const [store] = body.stores;
  const twice = `   a till says the same sale twice: ${answered.join(", ")}`;
  if (store === undefined) return [...lines, `${twice}; it is too long ago to be watched`];
  if (store.sales !== 1) throw new Error(`${store.sales} sales, and not one`);
  return [
    ...lines,
    `${twice}; the merchandiser sees ${store.sales} sale in ${store.store}, ${store.pieces} pieces: lines that repeat are two`,
    "   the card's number never got past the door: what is kept is a token, its first digits and its last four",
    "   open /artist as the Artist and /stores as the Merchandiser: an operator let them (PUT /v1/ops/readers)",
  ];
}

type Ask = (token: string, method: string, path: string, more?: object) => Promise<Answer>;

async function played(ask: Ask, token: string, atMs: number): Promise<string[]> {
  const playedMs = 214_000;
  const end = new Date(atMs + playedMs).toISOString();
  const exact = [
    {
      ...{ ts: `${end.slice(0, 19)}Z`, ms_played: playedMs, conn_country: "NL" },
      ...{ master_metadata_track_name: track, master_metadata_album_artist_name: artist },
      ...{ master_metadata_album_album_name: "Polder", spotify_track_uri: "spotify:track:demo" },
      ...{
        reason_start: "trackdone",
        reason_end: "trackdone",
        skipped: false,
        incognito_mode: false,
      },
    },
  ];
  const coarse = [
    {
      ...{ endTime: end.slice(0, 16).replace("T", " "), artistName: artist },
      ...{ trackName: track, msPlayed: playedMs },
    },
  ];
  const said: string[] = [];
  for (const [what, body] of [
    ["her whole history", exact],
    ["the short one, to the minute", coarse],
    ["her whole history again", exact],
  ] as const) {
    const answer = expectStatus(await ask(token, "POST", "/v1/imports/spotify", { body }), 200);
    const { imported, duplicates } = answer.body;
    said.push(`   POST /v1/imports/spotify  ${what}: ${imported} new, ${duplicates} known already`);
  }
  const { items } = expectStatus(await ask(token, "GET", "/v1/listens?limit=50"), 200).body;
  const mine = items.filter((one: { artist: string }) => one.artist === artist);
  if (mine.length !== 1) throw new Error(`${mine.length} listens, and not one`);
  return [...said, `   GET /v1/listens: “${track}” once, of two sources`];
}

/** As a till writes it; one sale of its business day. */
const receipt = (atMs: number): string => {
  const at = new Date(atMs).toISOString().slice(0, 19);
  return `<?xml version="1.0"?>
<POSLog><Transaction>
  <RetailStoreID>Dam</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>42</SequenceNumber>
  <BusinessDayDate>${at.slice(0, 10)}</BusinessDayDate><BeginDateTime>${at}Z</BeginDateTime>
  <CurrencyCode>EUR</CurrencyCode>
  <RetailTransaction>
    <LineItem><Sale><ItemID>TUBE-28</ItemID><Quantity>2</Quantity><ExtendedAmount>13.90</ExtendedAmount></Sale></LineItem>
    <LineItem><Sale><ItemID>TUBE-28</ItemID><Quantity>2</Quantity><ExtendedAmount>13.90</ExtendedAmount></Sale></LineItem>
    <LineItem><Tender TenderType="CreditDebit"><Amount>27.80</Amount><CreditDebit><PrimaryAccountNumber>${testCard}</PrimaryAccountNumber></CreditDebit></Tender></LineItem>
    <Total TotalType="TransactionGrandAmount">27.80</Total>
  </RetailTransaction>
</Transaction></POSLog>`;
};

/** What was played and sold of late, by the doors that it comes by, and who may see it. */
import { call, enrol, expectStatus, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { deliverTo, keyAt } from "../system/streams.ts";
import type { Stage } from "./support.ts";

const minuteMs = 60_000;
const artist = "The Dike Runners";
const tracks = ["Tailwind", "Polder Song", "Rain on the Levee", "Lock Gates", "Sea Wall"] as const;
const stores = [
  ["Amsterdam Dam", "Holland", 5],
  ["Utrecht Neude", "Midden", 3],
  ["Groningen Vismarkt", "Noord", 2],
] as const;
const articles = ["TUBE-28", "BIDON-750", "BELL-22", "LIGHT-R"] as const;
const listensMade = 90;
const salesMade = 60;

const letsRead = async (system: System, operator: Person, reader: object): Promise<void> => {
  const { token } = operator;
  expectStatus(await call(system.url, "PUT", "/v1/ops/readers", { token, body: reader }), 200);
};

/** Ada listened, at Ben's something was sold; an artist and a merchandiser watch it. */
export async function tellStreams({ system, people }: Stage): Promise<void> {
  const { ada, ben } = people.members;
  const watches = await enrol(system, "artist", "Artist", ["artist"]);
  const sells = await enrol(system, "merchandiser", "Merchandiser", ["merchandiser"]);
  const { operator } = people.staff;
  await letsRead(system, operator, { member: watches.id, role: "artist", of: artist });
  await letsRead(system, operator, { member: sells.id, role: "merchandiser", of: ben.id });
  await tellListens(system, ada);
  await tellSales(system, ben, sells);
}

/** More of the first track than of the last, and more of late. */
const nthOf = (n: number, count: number): number => Math.floor((((n * 7) % 13) / 13) ** 2 * count);

async function tellListens(system: System, ada: Person): Promise<void> {
  const payload = Array.from({ length: listensMade }, (_, n) => ({
    listened_at: Math.floor((Date.now() - ((n * n) / listensMade) * 8 * minuteMs) / 1_000) - 60,
    track_metadata: {
      artist_name: artist,
      track_name: tracks[nthOf(n, tracks.length)],
      additional_info: { duration_ms: 200_000 },
    },
  }));
  const key = await keyAt(system, ada, "listenbrainz");
  const headers = { "content-type": "application/json", authorization: `Token ${key}` };
  const body = JSON.stringify({ listen_type: "import", payload });
  const said = await fetch(`${system.url}/1/submit-listens`, { method: "POST", headers, body });
  if (said.status !== 200) throw new Error(`submitting listens: ${said.status}`);
}

async function tellSales(system: System, ben: Person, sells: Person): Promise<void> {
  const [first] = stores;
  for (const [sku, counted, threshold] of [
    ["BELL-22", 12, 6],
    ["TUBE-28", 200, 20],
  ] as const) {
    const path = `/v1/merchants/${ben.id}/stores/${encodeURIComponent(first[0])}/stock/${sku}`;
    const countedAt = new Date(Date.now() - 20 * 60 * minuteMs).toISOString();
    const body = { counted, threshold, countedAt };
    expectStatus(await call(system.url, "PUT", path, { token: sells.token, body }), 200);
  }
  const spread = stores.flatMap((store) => Array.from({ length: store[2] }, () => store));
  const sales = Array.from({ length: salesMade }, (_, n) => {
    const [store, region] = spread[(n * 3) % spread.length] as (typeof stores)[number];
    const at = new Date(Date.now() - ((n * n) / salesMade) * 12 * minuteMs).toISOString();
    return transaction(n, store, region, at, articles[nthOf(n, articles.length)] ?? "TUBE-28");
  });
  const key = await keyAt(system, ben, "poslog");
  const said = await deliverTo(system, "poslog", key, `<POSLog>${sales.join("")}</POSLog>`);
  if (said.status !== 200) throw new Error(`a day of sales: ${said.status}`);
}

const transaction = (n: number, store: string, region: string, at: string, sku: string): string =>
  `<Transaction><RetailStoreID>${store}</RetailStoreID>` +
  `<OrganizationHierarchy Level="Region">${region}</OrganizationHierarchy>` +
  `<WorkstationID>1</WorkstationID><SequenceNumber>${n}</SequenceNumber>` +
  `<BusinessDayDate>${at.slice(0, 10)}</BusinessDayDate><BeginDateTime>${at}</BeginDateTime>` +
  "<CurrencyCode>EUR</CurrencyCode><RetailTransaction><LineItem><Sale>" +
  `<ItemID>${sku}</ItemID><Quantity>1</Quantity><ExtendedAmount>${6 + (n % 9)}.95</ExtendedAmount>` +
  "</Sale></LineItem></RetailTransaction></Transaction>";

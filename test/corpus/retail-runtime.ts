/**
 * The bodies through the running system: posted to the doors of a merchant's connections, recorded by
 * its ledgers, landed by its queue, settled by its archive. Nothing is played but the platform.
 */
import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MemberId } from "../../domain/identity.ts";
import { type LedgerPort, ledgerName } from "../../domain/ports.ts";
import { sales } from "../../domain/sales/stream.ts";
import { shardsOf } from "../../domain/shards.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { type System, startSystem } from "../../local/system.ts";
import { poslog } from "../../providers/poslog.ts";
import { saleWebhooks } from "../../providers/sale-webhooks.ts";
import { copied } from "../sim/archive.ts";
import { eachOf } from "../sim/members.ts";
import { askFor, warehouseOf, watch } from "../sim/runs.ts";
import type { RetailBody } from "./retail-deliveries.ts";
import { shopAccount } from "./retail-doors.ts";
import { nameOf, plus } from "./retail-duck.ts";
import type { Recorded } from "./retail-recorded.ts";

const runId = "corpus-settle";
const nudgesMax = 600;
const nudgePauseMs = 500;

export async function inRuntime(
  bodies: readonly RetailBody[],
  folder: string,
  say: (text: string) => void,
): Promise<Recorded> {
  const state = await mkdtemp(join(tmpdir(), "singlet-retail-"));
  const system = await startSystem({ state });
  try {
    const merchant = await enrol(system, "subject-merchant", "A shop", ["member"]);
    const outcomes = await delivered(await doorsOf(system, merchant), bodies, say);
    await quiet(system, merchant);
    say("  every ledger has sent all that it has; settling");
    await askFor(system, runId);
    const { outcome, done } = await watch(system, runId, () => {});
    say(`  settled: ${done} units, ${outcome}`);
    await copied(system, folder);
    return { outcomes, settled: await settledIn(system) };
  } finally {
    await system.close();
    await rm(state, { recursive: true, force: true });
  }
}

/** By provider: how a body is posted. */
type Doors = Readonly<Record<string, (text: string) => Promise<number>>>;

async function doorsOf(system: System, { token }: Person): Promise<Doors> {
  const connect = async (name: string) =>
    (await call(system.url, "POST", `/v1/connections/${name}`, { token, body: {} })).body;
  const { key } = await connect(poslog.name);
  const { reference } = await connect(saleWebhooks.name);
  const toTills = async (body: string) =>
    (await call(system.url, "POST", `/webhooks/${poslog.name}/${key}`, { body })).status;
  const toShop = async (body: string) => {
    const headers = signed(system.secrets.signing["sale-webhooks"], body);
    return (await call(system.url, "POST", `/webhooks/${saleWebhooks.name}`, { body, headers }))
      .status;
  };
  const linked = { type: "account.linked", data: { account: shopAccount, reference } };
  const status = await toShop(JSON.stringify({ ...linked, timestamp: new Date().toISOString() }));
  if (status !== 200) throw new Error(`the shop was not linked: ${status}`);
  return { [poslog.name]: toTills, [saleWebhooks.name]: toShop };
}

/** Standard Webhooks 1.0.0, as a sender of it signs. */
export function signed(secret: string, body: string): Record<string, string> {
  const [id, time] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1000))];
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
  return {
    ...{ "webhook-id": id, "webhook-timestamp": time },
    "webhook-signature": `v1,${signature}`,
  };
}

/** How often each status was answered. */
async function delivered(
  doors: Doors,
  bodies: readonly RetailBody[],
  say: (text: string) => void,
): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  let done = 0;
  await eachOf(bodies, async ({ source, text }) => {
    const post = doors[source.provider.name];
    if (post === undefined) throw new Error(`no door for ${source.provider.name}`);
    plus(outcomes, `status ${await post(text)}`, 1);
    if (++done % 200 === 0) say(`  ${done} of ${bodies.length} bodies are recorded`);
  });
  return outcomes;
}

/** Until no ledger of the merchant's sales has anything left to send. */
async function quiet({ runtime }: System, { id }: Person): Promise<void> {
  const ledgers = await runtime.mf.getDurableObjectNamespace("LEDGER", "singlet-edge");
  let left = shardsOf(sales, id as MemberId);
  for (let round = 0; left.length > 0; round++) {
    if (round === nudgesMax) throw new Error(`${left.length} ledgers never fell silent`);
    const busy: string[] = [];
    await eachOf(left, async (shard) => {
      const ledger = ledgers.getByName(ledgerName(sales.name, shard)) as unknown as LedgerPort;
      if ((await ledger.nudge()).least !== null) busy.push(shard);
    });
    left = busy;
    if (left.length > 0) await new Promise((resume) => setTimeout(resume, nudgePauseMs));
  }
}

interface TotalRow {
  readonly measure: string;
  readonly key: string;
  readonly period: string;
  readonly n: number;
}

async function settledIn(system: System): Promise<ReadonlyMap<string, number>> {
  const warehouse = await warehouseOf(system);
  const { results } = await warehouse
    .prepare(
      `SELECT measure, key, period, n FROM total WHERE stream = ?1 AND rules = ?2
       UNION ALL SELECT measure, key, day, n FROM part WHERE stream = ?1 AND rules = ?2`,
    )
    .bind(sales.name, sales.rules.version)
    .all<TotalRow & Record<string, unknown>>();
  const settled = new Map<string, number>();
  for (const { measure, key, period, n } of results) plus(settled, nameOf(period, measure, key), n);
  return settled;
}

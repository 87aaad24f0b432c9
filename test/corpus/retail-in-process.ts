/**
 * The bodies through our own code in this process: parsed, searched for cards, normalised, accepted, recorded in sixteen
 * ledgers, published, settled into Parquet files. Stores are played; nothing else is.
 */
import type { ConnectionId, MemberId, PersonId } from "../../domain/identity.ts";
import type { CardPort } from "../../domain/ports.ts";
import { sales } from "../../domain/sales/stream.ts";
import { periodsOf } from "../../domain/time.ts";
import { accept } from "../../kernel/accept.ts";
import { holdsBareNumber, sanitise } from "../../kernel/sanitise.ts";
import type { Draft } from "../../providers/provider.ts";
import { chanceOf } from "../oracle/chance.ts";
import { fileArchive } from "../oracle/file-archive.ts";
import { landAndSettle } from "../oracle/settling.ts";
import { StreamLedgers } from "../oracle/stream-ledgers.ts";
import type { RetailBody } from "./retail-deliveries.ts";
import { nameOf, plus } from "./retail-duck.ts";
import type { Recorded } from "./retail-recorded.ts";

const merchant = "mem_merchant" as MemberId;
const settleRounds = 3;
/** The source names no card. */
const noCards: CardPort = {
  tokenise: () => Promise.reject(new Error("a card where there is none")),
  forgetHolder: async () => ({ tokens: 0 }),
};
const asTheyAre = async (person: string) => person as PersonId;

export async function inProcess(
  bodies: readonly RetailBody[],
  folder: string,
  seed: number,
  say: (text: string) => void,
): Promise<Recorded> {
  const ledgers = new StreamLedgers(sales);
  const outcomes = new Map<string, number>();
  for (const [i, body] of bodies.entries()) {
    for (const outcome of await taken(ledgers, body)) plus(outcomes, outcome, 1);
    if ((i + 1) % 200 === 0) say(`  ${i + 1} of ${bodies.length} bodies are recorded`);
  }
  const changes = ledgers.changes();
  say(`  ${changes.length} changes of ${ledgers.stores.size} ledgers are settled`);
  const archive = fileArchive(folder);
  await landAndSettle(archive, sales, changes, chanceOf(seed + 2), settleRounds);
  const settled = new Map<string, number>();
  for (const { day, measure, key, n, isDaily } of archive.index.parts())
    for (const period of isDaily ? [day] : [day, ...periodsOf(day)])
      plus(settled, nameOf(period, measure, key), n);
  return { outcomes, settled };
}

async function taken(ledgers: StreamLedgers, { source, text }: RetailBody): Promise<string[]> {
  const { provider } = source;
  if (holdsBareNumber(text)) return ["card-number"];
  const parsed = provider.parse(text);
  if (!parsed.ok) return [parsed.error];
  const drafts: Draft[] = [];
  const faults: string[] = [];
  for (const { kind, body } of parsed.value.items) {
    const clean = await sanitise(noCards, asTheyAre, merchant, provider.cards, body);
    const draft = clean.ok ? provider.normalise(kind, clean.value, Date.now()) : clean;
    if (draft.ok) drafts.push(draft.value);
    else faults.push(draft.error);
  }
  const origin = {
    ...{ member: merchant, connection: `con_${provider.name}` as ConnectionId },
    ...{ provider: provider.name, account: `account_${provider.name}` },
  };
  return [...faults, ...(await accept(ledgers.ports, sales, origin, drafts, [], () => ""))];
}

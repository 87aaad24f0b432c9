/** The logs of who looked, taken home as an auditor does, and verified; and every reading's entry. */
import { join } from "node:path";
import { entriesIn } from "../../kernel/tlog/tile.ts";
import { fetchLog } from "../../local/audit-fetch.ts";
import { folderSource } from "../../local/audit-source.ts";
import { readKeys, verifyLog, Wrong } from "../../local/audit-verify.ts";
import { eventually } from "../../local/deliveries.ts";
import { keyFile } from "../../local/log-keys.ts";
import { call, enrol } from "../../local/people.ts";
import { runWitness, type System } from "../../local/system.ts";

const perBundle = 256;

export interface LogChecked {
  readonly entries: number;
  readonly wrong: readonly string[];
}

interface PublishedLog {
  readonly log: number;
  readonly size: number;
  readonly published: number;
  readonly key: string;
  readonly witnesses: readonly string[];
}

/** `reads`: where each answer said that it stands, "log/index"; all of them one person's. */
export async function checkLogs(
  system: System,
  folder: string,
  reads: readonly string[],
): Promise<LogChecked> {
  const { token } = await enrol(system, "auditor", "The auditor", ["auditor"]);
  const logs = await published(system);
  const keys = readKeys(
    keyFile(
      logs.map((l) => l.key),
      logs[0]?.witnesses ?? [],
    ),
  );
  const wrong: string[] = [];
  const entries = new Map<string, Record<string, unknown>>();
  for (const { log, published: size } of logs) {
    if (size === 0) continue;
    const into = join(folder, String(log));
    await fetchLog({ url: system.url, log, into, token, say: () => {} });
    const verdict = await verifyLog(folderSource(into), keys).catch((error: Error) => error);
    if (verdict instanceof Wrong) wrong.push(`log ${log}: ${verdict.message}`);
    else if (verdict instanceof Error) throw verdict;
    await readEntries(system.url, log, size, token, entries);
    for (let n = 0; n < size; n++)
      if (!entries.has(`${log}/${n}`)) wrong.push(`log ${log} has no entry ${n}`);
  }
  return { entries: entries.size, wrong: [...wrong, ...wrongOf(reads, entries)] };
}

/** Each reading has an entry of its own from before, and one after it that says that it was permitted. */
function wrongOf(
  reads: readonly string[],
  entries: ReadonlyMap<string, Record<string, unknown>>,
): string[] {
  const wrong: string[] = [];
  const closed = new Map(
    [...entries].map(([place, { closes, outcome }]) => [
      `${place.split("/")[0]}/${closes}`,
      outcome,
    ]),
  );
  const actors = new Set(reads.map((place) => entries.get(place)?.actor));
  for (const place of reads) {
    const deed = entries.get(place)?.deed ?? "nothing";
    if (deed !== "read-readings") wrong.push(`a reading was handed out, and ${place} is ${deed}`);
    if (closed.get(place) !== "permitted") wrong.push(`${place}: ${closed.get(place)}`);
  }
  if (new Set(reads).size !== reads.length) wrong.push("two readings have one entry");
  if (actors.size > 1) wrong.push("one reader has several names in the log");
  return wrong;
}

/** Once all that was written is published. */
async function published(system: System): Promise<readonly PublishedLog[]> {
  const ask = async (): Promise<readonly PublishedLog[]> => {
    await runWitness(system);
    return (await call(system.url, "GET", "/v1/logs")).body.items;
  };
  return eventually(ask, (logs) => logs.every((l) => l.published === l.size), { everyMs: 200 });
}

async function readEntries(
  url: string,
  log: number,
  size: number,
  token: string,
  into: Map<string, Record<string, unknown>>,
): Promise<void> {
  for (let n = 0; n * perBundle < size; n++) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/v1/audit/logs/${log}/entries/${n}`, { headers });
    if (!answer.ok) throw new Error(`bundle ${n} of log ${log}: ${answer.status}`);
    const texts = entriesIn(new Uint8Array(await answer.arrayBuffer())) ?? [];
    texts.forEach((text, i) => {
      into.set(`${log}/${n * perBundle + i}`, JSON.parse(new TextDecoder().decode(text)));
    });
  }
}

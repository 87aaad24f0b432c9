/**
 * Erasing a window of samples. They lie sealed by the day of UTC that they began on, and a day's lie
 * together: only days that are over and lie wholly inside the window go, those at its ends stay. What
 * went is not taken again when a phone sends it once more. The vault is asked for them as well as the
 * ledger, which a batch that was cut short never reached.
 */
import { isRefusal, type LedgerPort, type OrRefusal } from "../../domain/ports.ts";
import { streams } from "../../domain/streams.ts";
import { type Instant, localDate, msPerDay } from "../../domain/time.ts";
import { announceErased, issueReceipt, type Receipt } from "../../durable-objects/erasing.ts";
import { type Asking, eraseFacts, erasePorts } from "./erase.ts";

const factsAtOnce = 500;
const listingsMax = 100;
const erasedAtOnce = 1_000;

/**
 *   1. sealed days are erased, then their facts      as `eraseFacts`
 *   2. answers that tell of a batch with workouts    asked again, it is done again
 *      beside its samples are forgotten
 *   3. local days are made anew without them         asked again, all that was ever erased so is
 *   4. receipt and run stand
 */
export async function eraseSamples(
  asking: Asking,
  fromMs: Instant,
  toMs: Instant,
): Promise<OrRefusal<Receipt>> {
  const { ports, member, nowMs } = asking;
  const window = wholeDays(fromMs, Math.min(toMs, nowMs));
  const ledger = ports.ledger(streams.samples, member);
  const erased = await eraseFacts(asking, streams.samples, async () => [
    ...new Set([...(await chunksIn(ledger, window)), ...(await sealedIn(asking, window))]),
  ]);
  if (isRefusal(erased)) return erased;
  const { letGo } = erased;
  await ports.ledger(streams.workouts, member).erase([], "samples");
  const steps = [...erased.steps, ...(await announceErased(ports, member, [letGo]))];
  const said = { scope: "samples", steps, letGo: [letGo], askedAtMs: nowMs } as const;
  return issueReceipt(erasePorts(ports), said);
}

interface Window {
  readonly fromMs: Instant;
  /** Not included. */
  readonly toMs: Instant;
}

const wholeDays = (fromMs: Instant, toMs: Instant): Window => ({
  fromMs: Math.ceil(fromMs / msPerDay) * msPerDay,
  toMs: Math.floor(toMs / msPerDay) * msPerDay,
});

const sealedIn = async (
  { ports, member }: Asking,
  { fromMs, toMs }: Window,
): Promise<readonly string[]> =>
  fromMs < toMs
    ? ports.work.sampleChunks(member, localDate(fromMs, 0), localDate(toMs, 0), erasedAtOnce)
    : [];

/** Some of the sealed days in it, as the ledger has them; what a local day came to is none. */
async function chunksIn(ledger: LedgerPort, { fromMs, toMs }: Window): Promise<string[]> {
  const chunks: string[] = [];
  for (let i = 0, after: string | null = null; i < listingsMax && fromMs < toMs; i++) {
    const page = await ledger.facts(fromMs, toMs - 1, after, factsAtOnce);
    chunks.push(...page.items.flatMap(({ id, kind }) => (kind === "chunk" ? [id] : [])));
    after = page.next;
    if (after === null || chunks.length >= erasedAtOnce) break;
  }
  return chunks;
}

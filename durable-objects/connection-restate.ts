/**
 * The last word of the provider's own answer counts. A record that it shows when it is asked is
 * there, though it was retracted before: because it was not found once, or was said to be gone. Its
 * revision may be older than that retraction's time: then it is said again as of the time when it was
 * asked for. What was erased for good stays so, since nothing is newer than that; what is live is
 * never overruled by an older revision. (Where nothing orders statements, the number of what was read
 * is above a retraction by itself: kernel/receipt.ts.)
 */
import { streams } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import { type Accepted, accept } from "../kernel/accept.ts";
import { type Draft, isRetractedDraft } from "../providers/provider.ts";
import type { Reading } from "./connection-items.ts";

/**
 * What became of each in the end; nothing is done for what was taken as it was said. Throws when a
 * port fails.
 */
export async function restate(
  it: Reading,
  drafts: readonly Draft[],
  outcomes: readonly Accepted[],
  askedMs: Instant,
  written: (index: number) => string,
): Promise<readonly Accepted[]> {
  const isLate = (draft: Draft, i: number) =>
    outcomes[i] === "gone" &&
    !isRetractedDraft(draft) &&
    draft.revision !== null &&
    draft.revision < askedMs;
  const late = drafts.flatMap((draft, i) => (isLate(draft, i) ? [i] : []));
  if (late.length === 0) return outcomes;
  const again = late.map((i) => ({ ...(drafts[i] as Draft), revision: askedMs }));
  const stream = streams[it.provider.stream];
  const said = await accept(it.accept, stream, { ...it.link }, again, [], (n) =>
    written(late[n] as number),
  );
  const taken = said.filter((outcome) => outcome === "new" || outcome === "corrected").length;
  it.tally.recorded += taken;
  it.tally.duplicates -= taken;
  return outcomes.map((outcome, i) =>
    late.includes(i) ? (said[late.indexOf(i)] ?? outcome) : outcome,
  );
}

/** The units that runs have in common: one partition after another, in the order of their names. */
import type { Partition } from "../../domain/ports.ts";
import { type AnyStream, streamNamed, streams } from "../../domain/streams.ts";
import type { LocalDate } from "../../domain/time.ts";
import { ArchiveFault, manifestName } from "../../kernel/settle/manifest.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { mayBeReplaced, noteFault } from "./run-fault.ts";
import { repeatable } from "./warehouse.ts";

/** Which partitions a run is about; null: any. */
export interface Reach {
  readonly stream: string | null;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly bucket: number | null;
  readonly days: readonly LocalDate[] | null;
}
export const everywhere: Reach = { stream: null, from: "", to: "~", bucket: null, days: null };

const rulesNow = JSON.stringify(
  Object.fromEntries(Object.values<AnyStream>(streams).map((s) => [s.name, s.rules.version])),
);
/** Lists of partitions, by the table or the state that they are found in. */
const lists = {
  dirty: "dirty",
  unresolved: "unresolved",
  damaged: "(SELECT * FROM partition WHERE damaged IS NOT NULL)",
  /** Counted by older rules than their stream's. */
  olderRules: `(SELECT p.* FROM partition AS p JOIN json_each('${rulesNow}') AS r
    ON r.key = p.stream WHERE p.version > 0 AND p.rules < r.value)`,
} as const;
type List = keyof typeof lists;

/** Where a round is, and whether it passed any partition over. */
interface Round {
  readonly at: readonly [stream: string, day: string, bucket: number];
  readonly isMissing: boolean;
}
const beginning: Round = { at: ["", "", -1], isMissing: false };
function roundOf(cursor: string | null): Round {
  if (cursor === null) return beginning;
  const [stream, day, bucket, isMissing = false] = JSON.parse(cursor);
  return { at: [stream, day, bucket], isMissing };
}

const within = `(stream, day, bucket) > (?1, ?2, ?3) AND (?4 IS NULL OR stream = ?4)
  AND day BETWEEN ?5 AND ?6 AND (?7 IS NULL OR bucket = ?7)
  AND (?8 IS NULL OR day IN (SELECT value FROM json_each(?8)))`;

const boundOf = ({ stream, from, to, bucket, days }: Reach) =>
  [stream, from, to, bucket, days === null ? null : JSON.stringify(days)] as const;

async function nextOf(
  { env }: Step,
  list: List,
  reach: Reach,
  { at }: Round,
): Promise<Partition | null> {
  return repeatable(() =>
    env.WAREHOUSE.prepare(
      `SELECT stream, day, bucket FROM ${lists[list]} WHERE ${within}
       ORDER BY stream, day, bucket LIMIT 1`,
    )
      .bind(...at, ...boundOf(reach))
      .first<Partition & Record<string, unknown>>(),
  );
}

async function countOf({ env }: Step, list: List, reach: Reach): Promise<number> {
  const n = await repeatable(() =>
    env.WAREHOUSE.prepare(`SELECT count(*) AS n FROM ${lists[list]} WHERE ${within}`)
      .bind(...beginning.at, ...boundOf(reach))
      .first<number>("n"),
  );
  return n ?? 0;
}

type Work = (
  step: Step,
  stream: AnyStream,
  partition: Partition,
) => Promise<Readonly<Record<string, number>> | null>;

/** Tries in a row after which a partition is passed over, so that it does not keep the others. */
const triesOfOneMax = 5;

/**
 * A stage over a list, each partition once: what is put on it behind the cursor waits for the next
 * run. So does what failed; or, `untilDone`, there is one round after another until one passes over
 * none. Null from `work`: somebody else was first, and it is done again.
 */
export function partitionStage(
  name: string,
  list: List,
  reachOf: (step: Step) => Reach,
  work: Work,
  { untilDone = false } = {},
): Stage {
  const size = (step: Step) => countOf(step, list, reachOf(step));
  const unit = async (step: Step): Promise<Progress> => {
    const { cursor, tries } = step.run.state;
    const round = roundOf(cursor);
    const partition = await nextOf(step, list, reachOf(step), round);
    if (partition === null)
      return untilDone && round.isMissing ? { go: "wait", cursor: null } : { go: "next" };
    const { stream, day, bucket } = partition;
    const after = (isMissing: boolean) =>
      ({ go: "more", cursor: JSON.stringify([stream, day, bucket, isMissing]) }) as const;
    const known = streamNamed(stream);
    if (known === undefined) return { ...after(true), counts: { unknownStreams: 1 } };
    try {
      const counts = await work(step, known, partition);
      return counts === null ? { go: "wait" } : { ...after(round.isMissing), done: 1, counts };
    } catch (error) {
      if (error instanceof ArchiveFault) {
        if (mayBeReplaced(step, error)) return { go: "wait" };
        await noteFault(step, error);
      } else if (tries < triesOfOneMax) throw error;
      else await step.store.fault(step.run.id, manifestName(partition), "failing", step.now());
      return { ...after(true), done: 1, counts: { faults: 1 } };
    }
  };
  return { name, size, unit };
}

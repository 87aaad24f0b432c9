/**
 * Versions that no manifest names and that nobody would list again: a settler drew one, was
 * overtaken, created it all the same and was killed. It may hold somebody who was erased meanwhile.
 * Its partition gets a dirty mark: the next merge lists it, commits, and deletes what is not named.
 * Nothing is deleted here, and no manifest is read: a mark too many costs a merge for nothing.
 */
import type { Partition } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import type { ArchiveEnv } from "./env.ts";
import { partitionOf } from "./partition.ts";
import type { Progress, Step } from "./run.ts";
import { reachOf } from "./settle-args.ts";
import { repeatable } from "./warehouse.ts";

/** Longer than a settler can be on its way from an object to the manifest that names it. */
export const strayAfterMs = 60 * 60_000;
const listedMax = 1000;
const parts = ["facts", "resolved"] as const;

interface Folder extends Partition {
  /** Objects in it that are old enough. */
  readonly old: number;
}

/** A page of one part's folders a unit. */
export async function straysUnit(step: Step): Promise<Progress> {
  const { env, run, now } = step;
  const { stream } = reachOf(step);
  const [nth, after]: [number, string | null] = JSON.parse(run.state.cursor ?? "[0, null]");
  const part = parts[nth];
  if (part === undefined) return { go: "next" };
  const prefix = stream === null ? `${part}/` : `${part}/${stream}/`;
  const page = await folderPage(env, prefix, after, now());
  const strays = await mark(env, page.folders, now());
  const cursor = JSON.stringify(page.cursor === null ? [nth + 1, null] : [nth, page.cursor]);
  return { go: "more", cursor, counts: { strays } };
}

async function folderPage(
  env: ArchiveEnv,
  prefix: string,
  after: string | null,
  nowMs: Instant,
): Promise<{ folders: readonly Folder[]; cursor: string | null }> {
  const page = await env.ARCHIVE.list({
    prefix,
    limit: listedMax,
    ...(after === null ? {} : { startAfter: after }),
  });
  const objects = page.truncated ? withoutLastFolder(page.objects) : page.objects;
  const folders = new Map<string, Folder>();
  for (const { key, uploaded } of objects) {
    const partition = partitionOf(key);
    if (partition === null || uploaded.getTime() > nowMs - strayAfterMs) continue;
    const { old } = folders.get(folderIn(key)) ?? { old: 0 };
    folders.set(folderIn(key), { ...partition, old: old + 1 });
  }
  const cursor = page.truncated ? (objects.at(-1)?.key ?? null) : null;
  return { folders: [...folders.values()], cursor };
}

const folderIn = (key: string): string => key.slice(0, key.lastIndexOf("/"));

/**
 * What goes on over the page's edge is listed anew with the next one, so that it is counted whole;
 * but a folder that fills the page alone has enough in it to be marked.
 */
function withoutLastFolder(objects: readonly R2Object[]): readonly R2Object[] {
  const last = folderIn(objects.at(-1)?.key ?? "");
  const begins = objects.findIndex(({ key }) => folderIn(key) === last);
  return begins > 0 ? objects.slice(0, begins) : objects;
}

/**
 * Of two in a folder one is not named. One alone in a partition that never counted anything may be
 * all that is there, without a manifest. Gives how many marks are new.
 */
async function mark(env: ArchiveEnv, folders: readonly Folder[], nowMs: Instant): Promise<number> {
  if (folders.length === 0) return 0;
  const { meta } = await repeatable(() =>
    env.WAREHOUSE.prepare(
      `INSERT INTO dirty (stream, day, bucket, since)
       SELECT value->>'stream', value->>'day', value->>'bucket', ?2 FROM json_each(?1) AS f
       WHERE f.value->>'old' > 1 OR NOT EXISTS (SELECT 1 FROM partition AS p
         WHERE p.stream = f.value->>'stream' AND p.day = f.value->>'day'
           AND p.bucket = f.value->>'bucket')
       ON CONFLICT DO NOTHING`,
    )
      .bind(JSON.stringify(folders), nowMs)
      .run(),
  );
  return meta.changes;
}

/**
 * Landing objects that nobody wrote down: their batch was cut off between the object and its index
 * row. They get one, and a dirty mark. Young ones are left alone: somebody may be about to.
 */
import type { Instant } from "../../domain/time.ts";
import type { ArchiveEnv } from "./env.ts";
import { partitionOf } from "./partition.ts";
import { repeatable } from "./warehouse.ts";

/** Longer than an invocation that writes one can last before it is over. */
const adoptAfterMs = 10 * 60_000;
const listedMax = 500;

export interface AdoptedPage {
  readonly adopted: number;
  /** Too young to be taken for lost. */
  readonly young: number;
  /** Under names that the archive never gave. */
  readonly unnamed: number;
  /** Null: this was the last page. */
  readonly cursor: string | null;
}

export async function adoptPage(
  env: ArchiveEnv,
  prefix: string,
  cursor: string | null,
  nowMs: Instant,
): Promise<AdoptedPage> {
  const page = await env.ARCHIVE.list({
    prefix,
    limit: listedMax,
    ...(cursor === null ? {} : { startAfter: cursor }),
  });
  const next = page.truncated ? (page.objects.at(-1)?.key ?? null) : null;
  const named = page.objects.flatMap((object) => {
    const partition = partitionOf(object.key);
    const { key, size: bytes, uploaded } = object;
    return partition === null ? [] : [{ object: key, bytes, at: uploaded.getTime(), ...partition }];
  });
  const known = await knownOf(
    env,
    named.map(({ object }) => object),
  );
  const lost = named.filter(({ object }) => !known.has(object));
  const old = lost.filter(({ at }) => at <= nowMs - adoptAfterMs);
  if (old.length > 0) await adopt(env, old, nowMs);
  const unnamed = page.objects.length - named.length;
  return { adopted: old.length, young: lost.length - old.length, unnamed, cursor: next };
}

async function knownOf(env: ArchiveEnv, objects: readonly string[]): Promise<ReadonlySet<string>> {
  if (objects.length === 0) return new Set();
  const { results } = await repeatable(() =>
    env.WAREHOUSE.prepare(
      "SELECT object FROM landed WHERE object IN (SELECT value FROM json_each(?))",
    )
      .bind(JSON.stringify(objects))
      .all<{ object: string }>(),
  );
  return new Set(results.map(({ object }) => object));
}

/** How many changes they hold is not known; that is for whoever reads them. */
async function adopt(env: ArchiveEnv, objects: readonly object[], nowMs: Instant): Promise<void> {
  const rows = JSON.stringify(objects);
  await repeatable(() =>
    env.WAREHOUSE.batch([
      env.WAREHOUSE.prepare(
        `INSERT INTO landed (object, stream, day, bucket, facts, bytes, landed_at)
         SELECT value->>'object', value->>'stream', value->>'day', value->>'bucket', 0,
           value->>'bytes', value->>'at' FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      ).bind(rows),
      env.WAREHOUSE.prepare(
        `INSERT INTO dirty (stream, day, bucket, since)
         SELECT value->>'stream', value->>'day', value->>'bucket', ?2
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      ).bind(rows, nowMs),
    ]),
  );
}

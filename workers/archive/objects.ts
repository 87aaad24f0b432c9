/**
 * The archive's bucket as settling sees it: objects that are created once and never changed, and
 * manifests that are swapped by their etag. Whoever swaps second is told so, and wrote nothing.
 */
import type { Partition } from "../../domain/ports.ts";
import {
  type Manifest,
  manifestName,
  parseManifest,
  versionFolder,
} from "../../kernel/settle/manifest.ts";
import type { Held, Objects } from "../../kernel/settle/ports.ts";

/** R2 takes so many names in one call. */
const deletedAtOnceMax = 1000;

/** What more versions there are of one partition, the next time finds. */
const versionPagesMax = 10;

export const objectsOf = (bucket: R2Bucket): Objects => ({
  async get(name) {
    const object = await bucket.get(name);
    return object === null ? null : new Uint8Array(await object.arrayBuffer());
  },

  async create(name, bytes) {
    // Null says that it was there already; its name tells its content, so that is as good.
    await bucket.put(name, bytes, { onlyIf: { etagDoesNotMatch: "*" } });
  },

  async delete(names) {
    for (let from = 0; from < names.length; from += deletedAtOnceMax)
      await bucket.delete(names.slice(from, from + deletedAtOnceMax));
  },

  async versions(partition) {
    const found: string[] = [];
    for (const part of ["facts", "resolved"] as const) {
      const folder = versionFolder(part, partition);
      let cursor: string | undefined;
      for (let page = 0; page < versionPagesMax; page++) {
        const listed = await bucket.list({ prefix: folder, ...(cursor ? { cursor } : {}) });
        found.push(...listed.objects.map(({ key }) => key));
        if (!listed.truncated) break;
        cursor = listed.cursor;
      }
    }
    return found;
  },

  async manifest(partition: Partition): Promise<Held<Manifest> | null> {
    const object = await bucket.get(manifestName(partition));
    if (object === null) return null;
    return { value: parseManifest(partition, await object.text()), etag: object.etag };
  },

  async manifestEtag(partition) {
    return (await bucket.head(manifestName(partition)))?.etag ?? null;
  },

  async swap(next, etag) {
    const put = await bucket.put(manifestName(next), JSON.stringify(next), {
      onlyIf: etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag },
      httpMetadata: { contentType: "application/json" },
    });
    return put !== null;
  },
});

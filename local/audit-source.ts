/** Where a log's published files are read from: a folder, or the address they are published at. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "./audit-verify.ts";

export function folderSource(folder: string): Source {
  return {
    hasEntries: async () => existsSync(join(folder, "tile/entries")),
    read: (path) =>
      readFile(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
        throw error;
      }),
  };
}

/** What a log publishes has no entries: those come with `fetch` and an auditor's token. */
export function urlSource(url: string): Source {
  return {
    hasEntries: async () => false,
    async read(path) {
      const response = await fetch(`${url.replace(/\/$/, "")}/${path}`);
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}

/**
 * Starts a floor's worker in a runtime of its own, over a folder of its own. Bundled and set up here
 * and nowhere else, so that no change of how Singlet is built or run moves a floor.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

export interface FloorRuntime {
  readonly url: string;
  end(): Promise<void>;
}

/** What a floor's worker may be bound to. */
export interface FloorBindings {
  readonly object?: { readonly OBJECT: string };
  /** Another entrypoint of the same worker. */
  readonly other?: { readonly OTHER: string };
  /** A statement that makes the table of its one database. */
  readonly table?: string;
  readonly bucket?: "BUCKET";
}

export async function startFloor(file: string, bindings: FloorBindings): Promise<FloorRuntime> {
  const folder = await mkdtemp(join(tmpdir(), "singlet-floor-"));
  const { object, other, table, bucket } = bindings;
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "floor",
      modules: [{ type: "ESModule", path: "floor.mjs", contents: await bundled(file) }],
      compatibilityDate: "2026-10-01",
      ...(object && {
        durableObjects: { OBJECT: { className: object.OBJECT, useSQLite: true } },
      }),
      ...(other && { serviceBindings: { OTHER: { name: "floor", entrypoint: other.OTHER } } }),
      ...(table && { d1Databases: { DB: "floor" } }),
      ...(bucket && { r2Buckets: [bucket] }),
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
  const url = (await runtime.ready).href;
  if (table) await (await runtime.getD1Database("DB")).exec(table);
  return {
    url,
    async end() {
      await runtime.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, file)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

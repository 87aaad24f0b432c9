/**
 * The whole system on one machine: the three workers as their wrangler.toml say, in one workerd,
 * over one folder. Bundles are built from source; nothing here changes what a worker is, except
 * `mains`, by which a test may wrap a worker in one that fails on purpose. Queues do not wait as long
 * for a full batch: somebody is looking, and nobody pays.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import {
  unstable_readConfig as readConfig,
  unstable_splitSqlQuery as splitSql,
  unstable_getMiniflareWorkerOptions as workerOptions,
} from "wrangler";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export const workerNames = ["edge", "vault", "archive"] as const;
export type WorkerName = (typeof workerNames)[number];

const configOf = (worker: WorkerName) =>
  join(root, worker === "edge" ? "wrangler.toml" : `workers/${worker}/wrangler.toml`);

export interface DeclaredDatabase {
  readonly worker: WorkerName;
  readonly binding: string;
  /** Folder of its migrations. */
  readonly migrations: string;
}

/** What the workers' configurations declare; a database that two of them share is named once. */
export function declaredDatabases(): DeclaredDatabase[] {
  const byId = new Map<string, DeclaredDatabase>();
  for (const worker of workerNames) {
    const config = configOf(worker);
    for (const declared of readConfig({ config }, { hideWarnings: true }).d1_databases) {
      const { binding, database_id: id = binding, migrations_dir: folder } = declared;
      if (folder === undefined) throw new Error(`${binding} of ${worker} names no migrations_dir`);
      const migrations = resolve(dirname(config), folder);
      if (!byId.has(id)) byId.set(id, { worker, binding, migrations });
    }
  }
  return [...byId.values()];
}

export interface RuntimeOptions {
  /** Where everything is kept. */
  readonly folder: string;
  /** 0: any free one. */
  readonly port: number;
  /** Vars and secrets by worker. */
  readonly vars: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>;
  /** Other entry files, for tests. */
  readonly mains?: Partial<Readonly<Record<WorkerName, string>>>;
  /** Serves the pages too, as they were built (local/pages.ts), or those of another folder. */
  readonly pages?: boolean | string;
  /** Every line that a worker writes. */
  readonly onLog?: (line: string) => void;
}

export interface Runtime {
  readonly url: string;
  readonly mf: Miniflare;
  readonly databases: readonly DeclaredDatabase[];
  close(): Promise<void>;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const workers = await Promise.all(
    workerNames.map(async (worker) => {
      const config = configOf(worker);
      const { workerOptions: all, main = "" } = workerOptions(config);
      const { assets, ...declared } = all;
      const entry = options.mains?.[worker] ?? resolve(dirname(config), main);
      return {
        ...declared,
        ...assetsOf(assets ?? {}, options.pages ?? false),
        queueConsumers: soon(declared.queueConsumers ?? {}),
        name: `singlet-${worker}`,
        modules: [
          { type: "ESModule" as const, path: `${worker}.mjs`, contents: await bundle(entry) },
        ],
        bindings: {
          ...(declared as { bindings?: Record<string, unknown> }).bindings,
          ...options.vars[worker],
        },
      };
    }),
  );
  const mf = new Miniflare(
    convertV4MiniflareOptions({
      // biome-ignore lint/suspicious/noExplicitAny: wrangler's and miniflare's types differ in name.
      workers: workers as any,
      host: "127.0.0.1",
      port: options.port,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: options.folder,
      handleStructuredLogs: ({ message }) => options.onLog?.(message),
      unsafeTriggerHandlers: true,
      telemetry: { enabled: false },
    }),
  );
  const url = (await mf.ready).href.replace(/\/$/, "");
  const databases = declaredDatabases();
  await Promise.all(
    databases.map(async ({ worker, binding, migrations }) =>
      migrate(await mf.getD1Database(binding, `singlet-${worker}`), migrations),
    ),
  );
  return { url, mf, databases, close: () => mf.dispose() };
}

/** Only the edge has any. */
const assetsOf = (assets: object, pages: boolean | string) => {
  if (pages === false || !("directory" in assets)) return {};
  return { assets: pages === true ? assets : { ...assets, directory: pages } };
};

/** Seconds that a batch waits here for being full. */
const batchSecondsMax = 1;

const soon = (consumers: object): Record<string, object> =>
  Object.fromEntries(
    Object.entries(consumers as Record<string, { readonly maxBatchTimeout?: number }>).map(
      ([queue, consumer]) => [
        queue,
        {
          ...consumer,
          maxBatchTimeout: Math.min(batchSecondsMax, consumer.maxBatchTimeout ?? batchSecondsMax),
        },
      ],
    ),
  );

/** One worker as one ES module, as it would be deployed. */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    target: "es2023",
    loader: { ".sql": "text" },
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/** Applies what is new, in the table that `wrangler d1 migrations apply` keeps. */
export async function migrate(database: Database, folder: string): Promise<void> {
  await database.exec(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
  );
  const { results } = await database
    .prepare("SELECT name FROM d1_migrations")
    .all<{ name: string }>();
  const applied = new Set(results.map((r) => r.name));
  const files = (await readdir(folder)).filter((f) => f.endsWith(".sql")).sort();
  for (const file of files.filter((f) => !applied.has(f))) {
    const statements = splitSql(await readFile(join(folder, file), "utf8"));
    await database.batch([
      ...statements.map((s) => database.prepare(s)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(file),
    ]);
  }
}

/**
 * The whole system on one machine: the three workers as their wrangler.toml say, in one workerd,
 * over one folder. Bundles are built from source; nothing here changes what a worker is, except
 * `mains`, by which a test may wrap a worker in one that fails on purpose, and that it logs nothing
 * where nobody listens. Queues do not wait as long for a full batch: somebody is looking, and nobody
 * pays.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type {
  unstable_getMiniflareWorkerOptions as getWorkerOptions,
  unstable_readConfig as readConfig,
} from "wrangler";
import { kept, type Made } from "./kept.ts";

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

/** What of a worker's wrangler.toml is needed here. */
interface Declared {
  readonly options: ReturnType<typeof getWorkerOptions>;
  readonly databases: ReturnType<typeof readConfig>["d1_databases"];
}

/** Kept as text, since wrangler takes longer to be loaded than all that it is asked here. */
async function declaredBy(config: string): Promise<Declared> {
  const text = await kept(`declared by ${config}`, async () => {
    const wrangler = await import("wrangler");
    const declared: Declared = {
      options: wrangler.unstable_getMiniflareWorkerOptions(config),
      databases: wrangler.unstable_readConfig({ config }, { hideWarnings: true }).d1_databases,
    };
    return { text: JSON.stringify(declared), of: [config] };
  });
  return JSON.parse(text) as Declared;
}

/** What the workers' configurations declare; a database that two of them share is named once. */
export async function declaredDatabases(): Promise<DeclaredDatabase[]> {
  const byId = new Map<string, DeclaredDatabase>();
  for (const worker of workerNames) {
    const config = configOf(worker);
    for (const declared of (await declaredBy(config)).databases) {
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
  /**
   * How often a caller may ask within the periods that wrangler.toml says, by binding (docs/limits.md).
   * Of what is not named nobody counts: a counter is a database here, and costs as much as a write.
   */
  readonly limits?: Readonly<Record<string, number>>;
  /** Every migration was applied to what the folder holds: none is looked for. */
  readonly isMigrated?: boolean;
  /** V8's inspector may be asked about each worker (`mf.getInspectorURL()`). */
  readonly isInspected?: boolean;
  /** Every line that a worker writes; absent: they write none. */
  readonly onLog?: (line: string) => void;
}

export interface Runtime {
  readonly url: string;
  readonly mf: Miniflare;
  readonly databases: readonly DeclaredDatabase[];
  /**
   * May be called again. Of a runtime that is killed it is to be called at once: otherwise Miniflare
   * starts another in its place.
   */
  close(): Promise<void>;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const text = options.onLog === undefined ? silentBundle : bundle;
  const workers = await Promise.all(
    workerNames.map(async (worker) => {
      const config = configOf(worker);
      const { workerOptions: all, main = "" } = (await declaredBy(config)).options;
      const { assets, ...declared } = all;
      const entry = options.mains?.[worker] ?? resolve(dirname(config), main);
      return {
        ...declared,
        ...assetsOf(assets ?? {}, options.pages ?? false),
        queueConsumers: soon(declared.queueConsumers ?? {}),
        ratelimits: counted(declared.ratelimits ?? {}, options.limits ?? {}),
        name: `singlet-${worker}`,
        modules: [
          { type: "ESModule" as const, path: `${worker}.mjs`, contents: await text(entry) },
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
      ...(options.isInspected === true ? { inspectorPort: 0 } : {}),
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: options.folder,
      handleStructuredLogs: ({ message }) => options.onLog?.(message),
      unsafeTriggerHandlers: true,
      telemetry: { enabled: false },
    }),
  );
  const url = (await mf.ready).href.replace(/\/$/, "");
  const databases = await declaredDatabases();
  if (options.isMigrated !== true)
    await Promise.all(
      databases.map(async ({ worker, binding, migrations }) =>
        migrate(await mf.getD1Database(binding, `singlet-${worker}`), migrations),
      ),
    );
  let closed: Promise<void> | null = null;
  const close = () => {
    closed ??= mf.dispose();
    return closed;
  };
  return { url, mf, databases, close };
}

/** Only the edge has any. */
const assetsOf = (assets: object, pages: boolean | string) => {
  if (pages === false || !("directory" in assets)) return {};
  return { assets: pages === true ? assets : { ...assets, directory: pages } };
};

type Counter = { readonly simple: { readonly limit: number } };

const counted = (declared: object, limits: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(declared as Record<string, Counter>).flatMap(([name, counter]) => {
      const limit = limits[name];
      return limit === undefined
        ? []
        : [[name, { ...counter, simple: { ...counter.simple, limit } }] as const];
    }),
  );

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
export const bundle = (entry: string): Promise<string> =>
  kept(`bundle of ${entry}`, () => bundled(entry));

/**
 * Without its log lines. A runtime waits when its output is not taken from it, and Miniflare takes
 * none while it waits for the runtime's answer to a property or a call: a few hundred lines at such a
 * moment, and each waits for the other for good. So whoever listens to nobody is told nothing.
 */
const silentBundle = (entry: string): Promise<string> =>
  kept(`silent bundle of ${entry}`, () => bundled(entry, ["console"]));

async function bundled(entry: string, drop: "console"[] = []): Promise<Made> {
  const { outputFiles, metafile } = await build({
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
    // Names stay as they are. Every byte is copied a few hundred times on the way to the runtime.
    minifyWhitespace: true,
    minifySyntax: true,
    drop,
    logLevel: "error",
    absWorkingDir: root,
    metafile: true,
  });
  return {
    text: outputFiles[0]?.text ?? "",
    of: [...Object.keys(metafile.inputs), "local/runtime.ts"].map((path) => resolve(root, path)),
  };
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
  const more = files.filter((f) => !applied.has(f));
  if (more.length === 0) return;
  const { unstable_splitSqlQuery: splitSql } = await import("wrangler");
  for (const file of more) {
    const statements = splitSql(await readFile(join(folder, file), "utf8"));
    await database.batch([
      ...statements.map((s) => database.prepare(s)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(file),
    ]);
  }
}

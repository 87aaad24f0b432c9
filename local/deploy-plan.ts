/**
 * What one environment consists of, read off the three wrangler.toml: the workers, their resources by
 * name, and the configuration that each is deployed with. Ids are found in the account by name and
 * stand in generated files alone. `preview` is the same with names of its own: nothing is shared.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { experimental_readRawConfig as readRawConfig } from "wrangler";
import * as z from "zod";
import type { Environment } from "./deploy-environment.ts";
import { secretNames } from "./deploy-secrets.ts";
import type { WorkerName } from "./runtime.ts";

/** Each binds to those before it. */
export const deployOrder = ["vault", "edge", "archive"] as const satisfies readonly WorkerName[];

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const configOf = (worker: WorkerName): string =>
  worker === "edge" ? "wrangler.toml" : `workers/${worker}/wrangler.toml`;

/** As a var a secret would stand in generated files and in the dashboard, for whoever may look. */
const vars = z
  .record(z.string(), z.string())
  .default({})
  .refine((said) => !secretNames.some((name) => Object.hasOwn(said, name)), {
    error: "holds a secret, which `npx wrangler secret put` is for",
  });

/** What one deployment says for itself; secrets never stand here. */
const settingsShape = z
  .object({
    /** A host of a zone of the account, at which the edge answers. */
    domain: z.string().optional(),
    ...{ edge: vars, vault: vars, archive: vars },
  })
  .strict();
export type Settings = z.output<typeof settingsShape>;
const noSettings: Settings = { edge: {}, vault: {}, archive: {} };

/** Nothing where there is no such file. Throws when it is there and cannot be understood. */
export function readSettings(file: string): Settings {
  if (!existsSync(file)) return noSettings;
  const parsed = settingsShape.safeParse(jsonAt(file));
  if (parsed.success) return parsed.data;
  const { path = [], message = "" } = parsed.error.issues[0] ?? {};
  throw new Error(`${file}: ${path.join(".")} ${message}`);
}

function jsonAt(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`);
  }
}

/** As wrangler.toml says it: of each only what names something. */
interface Raw {
  readonly name: string;
  readonly main: string;
  readonly vars?: Readonly<Record<string, string>>;
  readonly assets?: Readonly<Record<string, unknown>> & { readonly directory: string };
  readonly services?: readonly { readonly service: string }[];
  readonly durable_objects?: { readonly bindings: readonly { readonly script_name?: string }[] };
  readonly d1_databases?: readonly {
    readonly binding: string;
    readonly database_name: string;
    readonly migrations_dir: string;
  }[];
  readonly r2_buckets?: readonly { readonly binding: string; readonly bucket_name: string }[];
  readonly queues?: {
    readonly producers?: readonly { readonly queue: string }[];
    readonly consumers?: readonly {
      readonly queue: string;
      readonly dead_letter_queue?: string;
    }[];
  };
  readonly ratelimits?: readonly { readonly namespace_id: string }[];
  readonly analytics_engine_datasets?: readonly { readonly dataset: string }[];
}

export interface PlannedDatabase {
  readonly name: string;
  readonly worker: WorkerName;
  /** Folder of its migrations, from the repository's root. */
  readonly migrations: string;
}

export interface Plan {
  readonly environment: Environment;
  readonly workers: Readonly<Record<WorkerName, { readonly name: string; readonly raw: Raw }>>;
  readonly databases: readonly PlannedDatabase[];
  readonly buckets: readonly string[];
  readonly queues: readonly string[];
  /** A bucket whose objects under a prefix nobody may delete for so many days. */
  readonly lock: { readonly bucket: string; readonly prefix: string; readonly days: number };
  /** Deleting has to be final there. */
  readonly neverLocked: readonly string[];
  readonly vars: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>;
  readonly domain: string | null;
}

/** Seven years, as docs/audit.md has them. */
export const lockDays = 2557;
export const lockName = "seven-years";

/** Read once: the files do not change under a command. */
const read = new Map<WorkerName, Raw>();

function rawOf(worker: WorkerName): Raw {
  const config = join(root, configOf(worker));
  const raw = read.get(worker) ?? (readRawConfig({ config }).rawConfig as unknown as Raw);
  read.set(worker, raw);
  return raw;
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

export function planOf(environment: Environment, settings: Settings): Plan {
  const raws = { vault: rawOf("vault"), edge: rawOf("edge"), archive: rawOf("archive") };
  const named = (name: string): string => nameIn(environment, name);
  const databases = new Map<string, PlannedDatabase>();
  for (const worker of deployOrder)
    for (const { database_name, migrations_dir } of raws[worker].d1_databases ?? []) {
      const folder = join(dirname(configOf(worker)), migrations_dir);
      const name = named(database_name);
      if (!databases.has(name)) databases.set(name, { name, worker, migrations: folder });
    }
  const all = deployOrder.map((worker) => raws[worker]);
  const bucketOf = (binding: string): string => {
    const found = all.flatMap((raw) => raw.r2_buckets ?? []).find((b) => b.binding === binding);
    if (found === undefined) throw new Error(`no worker binds the bucket ${binding}`);
    return named(found.bucket_name);
  };
  return {
    environment,
    workers: {
      vault: { name: named(raws.vault.name), raw: raws.vault },
      edge: { name: named(raws.edge.name), raw: raws.edge },
      archive: { name: named(raws.archive.name), raw: raws.archive },
    },
    databases: [...databases.values()],
    buckets: unique(
      all.flatMap(({ r2_buckets = [] }) => r2_buckets.map((b) => named(b.bucket_name))),
    ),
    queues: unique(all.flatMap(({ queues }) => queuesIn(queues)).map(named)),
    lock: { bucket: bucketOf("LOG_ENTRIES"), prefix: "entries/", days: lockDays },
    neverLocked: [bucketOf("KEYRING"), bucketOf("ARCHIVE"), bucketOf("LOG_TILES")],
    vars: {
      vault: varsOf(environment, raws.vault, settings.vault),
      edge: varsOf(environment, raws.edge, settings.edge),
      archive: varsOf(environment, raws.archive, settings.archive),
    },
    domain: settings.domain ?? null,
  };
}

const queuesIn = ({
  producers = [],
  consumers = [],
}: NonNullable<Raw["queues"]> = {}): string[] => [
  ...producers.map(({ queue }) => queue),
  ...consumers.flatMap(({ queue, dead_letter_queue: dead = queue }) => [queue, dead]),
];

/** A dataset's name takes no hyphen. */
const nameIn = (environment: Environment, name: string, join = "-"): string =>
  environment === "production" ? name : `${name}${join}${environment}`;

/** Counters of an account are told apart by a number alone: a preview's are so much above. */
const previewCounters = 1_000_000;

const varsOf = (environment: Environment, raw: Raw, own: Readonly<Record<string, string>>) => ({
  ...raw.vars,
  ...own,
  ENVIRONMENT: environment,
});

/** Stands for a database that is not there yet: what is generated for a plan is never deployed. */
const noId = "00000000-0000-0000-0000-000000000000";

/**
 * The configuration of one worker, for a file in `folder`. Ids by database name; `release` is what
 * the edge says that it is.
 */
export function configFor(
  { environment, workers, vars, domain }: Plan,
  worker: WorkerName,
  folder: string,
  ids: ReadonlyMap<string, string>,
  release: string | null,
): object {
  const { name, raw } = workers[worker];
  const named = (text: string): string => nameIn(environment, text);
  const from = (path: string): string => {
    const whole = isAbsolute(path) ? path : resolve(root, dirname(configOf(worker)), path);
    return relative(folder, whole);
  };
  const { queues = {}, durable_objects: objects } = raw;
  return {
    ...raw,
    name,
    main: from(raw.main),
    vars: {
      ...vars[worker],
      ...(worker === "edge" && release !== null ? { RELEASE: release } : {}),
    },
    ...(raw.assets && { assets: { ...raw.assets, directory: from(raw.assets.directory) } }),
    ...(worker === "edge" && domain !== null
      ? { routes: [{ pattern: domain, custom_domain: true }] }
      : {}),
    services: raw.services?.map((each) => ({ ...each, service: named(each.service) })),
    ...(objects && {
      durable_objects: {
        bindings: objects.bindings.map((each) =>
          each.script_name ? { ...each, script_name: named(each.script_name) } : each,
        ),
      },
    }),
    d1_databases: raw.d1_databases?.map((each) => ({
      ...each,
      database_name: named(each.database_name),
      database_id: ids.get(named(each.database_name)) ?? noId,
      migrations_dir: from(each.migrations_dir),
    })),
    r2_buckets: raw.r2_buckets?.map((each) => ({ ...each, bucket_name: named(each.bucket_name) })),
    queues: {
      producers: queues.producers?.map((each) => ({ ...each, queue: named(each.queue) })),
      consumers: queues.consumers?.map((each) => ({
        ...each,
        queue: named(each.queue),
        ...(each.dead_letter_queue ? { dead_letter_queue: named(each.dead_letter_queue) } : {}),
      })),
    },
    ratelimits: raw.ratelimits?.map((each) => ({
      ...each,
      namespace_id:
        environment === "production"
          ? each.namespace_id
          : String(Number(each.namespace_id) + previewCounters),
    })),
    analytics_engine_datasets: raw.analytics_engine_datasets?.map((each) => ({
      ...each,
      dataset: nameIn(environment, each.dataset, "_"),
    })),
  };
}

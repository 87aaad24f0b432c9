/**
 * An account at Cloudflare, in memory: what a deploy makes in it, changes and asks for. Databases are
 * real ones of SQLite, so that migrations run; workers are their versions, and what the edge of the
 * version that is deployed would answer. Two faces show it: test/deploy/api.ts speaks HTTP to the
 * real wrangler, test/deploy/stand-in.ts is a wrangler of its own.
 */
import { DatabaseSync } from "node:sqlite";

export interface Version {
  readonly id: string;
  readonly message: string | null;
  readonly vars: Readonly<Record<string, string>>;
  /** Where each binding leads, by its name. */
  readonly bindings: Readonly<Record<string, string>>;
}

export interface Worker {
  readonly secrets: Set<string>;
  readonly versions: Version[];
  deployed: string | null;
  migrationTag: string | null;
  crons: readonly string[];
}

export interface Lock {
  readonly id: string;
  readonly prefix: string;
}

export class Account {
  readonly databases = new Map<string, { readonly uuid: string; readonly db: DatabaseSync }>();
  readonly buckets = new Map<string, Lock[]>();
  readonly queues = new Map<string, { readonly id: string; consumer: string | null }>();
  readonly workers = new Map<string, Worker>();
  /** Everything that changed something, in order. */
  readonly changes: string[] = [];
  #made = 0;

  /** An id that tells what it is of; the same every time. */
  #id(): string {
    this.#made += 1;
    return `00000000-0000-4000-8000-${String(this.#made).padStart(12, "0")}`;
  }

  createDatabase(name: string): string {
    const uuid = this.#id();
    this.databases.set(name, { uuid, db: new DatabaseSync(":memory:") });
    this.changes.push(`database ${name}`);
    return uuid;
  }

  databaseById(uuid: string): DatabaseSync | null {
    return [...this.databases.values()].find((each) => each.uuid === uuid)?.db ?? null;
  }

  createBucket(name: string): void {
    this.buckets.set(name, []);
    this.changes.push(`bucket ${name}`);
  }

  lock(bucket: string, locks: Lock[]): void {
    this.buckets.set(bucket, locks);
    this.changes.push(`lock ${bucket}`);
  }

  createQueue(name: string): string {
    const id = this.#id().replaceAll("-", "");
    this.queues.set(name, { id, consumer: null });
    this.changes.push(`queue ${name}`);
    return id;
  }

  /** A worker that is nothing yet comes with its first secret. */
  putSecret(worker: string, name: string): void {
    this.worker(worker).secrets.add(name);
    this.upload(worker, { message: null, vars: {}, bindings: {} }, null);
    this.changes.push(`secret ${worker} ${name}`);
  }

  worker(name: string): Worker {
    const found = this.workers.get(name);
    if (found !== undefined) return found;
    const made: Worker = {
      ...{ secrets: new Set<string>(), versions: [], crons: [] },
      ...{ deployed: null, migrationTag: null },
    };
    this.workers.set(name, made);
    return made;
  }

  addVersion(name: string, version: Omit<Version, "id">): string {
    const id = this.#id();
    this.worker(name).versions.push({ id, ...version });
    this.changes.push(`version ${name}`);
    return id;
  }

  /** A version that takes all requests at once. */
  upload(name: string, version: Omit<Version, "id">, migrationTag: string | null): string {
    const id = this.addVersion(name, version);
    const worker = this.worker(name);
    worker.deployed = id;
    worker.migrationTag = migrationTag ?? worker.migrationTag;
    return id;
  }

  deploy(name: string, id: string): boolean {
    const worker = this.workers.get(name);
    if (worker?.versions.some((each) => each.id === id) !== true) return false;
    worker.deployed = id;
    this.changes.push(`deployed ${name}`);
    return true;
  }

  deployed(name: string): Version | null {
    const worker = this.workers.get(name);
    return worker?.versions.find(({ id }) => id === worker.deployed) ?? null;
  }

  /** Names of the migrations that a database has seen. */
  migrated(name: string): string[] {
    const db = this.databases.get(name)?.db;
    const has = db?.prepare("SELECT 1 FROM sqlite_master WHERE name = 'd1_migrations'").get();
    if (db === undefined || has === undefined) return [];
    const rows = db.prepare("SELECT name FROM d1_migrations ORDER BY id").all();
    return rows.map((row) => String(row.name));
  }
}

export interface EdgeFaults {
  /** The release whose edge cannot reach the vault. */
  readonly broken?: (release: string) => boolean;
}

/** What the deployed edge answers: it is the one whose vault is bound and deployed. */
export function edgeOf(account: Account, edge: string, faults: EdgeFaults = {}): typeof fetch {
  return (async (input: string | URL | Request, init: RequestInit = {}) => {
    const { pathname } = new URL(String(input));
    const version = account.deployed(edge);
    const release = version?.vars.RELEASE;
    const json = (status: number, body: unknown) =>
      new Response(JSON.stringify(body), {
        status,
        headers: { "content-type": "application/json" },
      });
    if (version === null || release === undefined) return json(404, {});
    const headers = new Headers(init.headers);
    if (pathname === "/openapi.json") return json(200, { info: { version: `0.1.0+${release}` } });
    if (pathname === "/healthz") return json(200, { ok: true });
    if (pathname === "/v1/logs") {
      const vault = account.deployed(version.bindings.VAULT_LOG ?? "");
      const isThere = vault !== null && faults.broken?.(release) !== true;
      return isThere ? json(200, { items: [{ log: 0 }], next: null }) : json(503, {});
    }
    if (pathname.startsWith("/v1/leaderboards/")) return json(200, { items: [], next: null });
    if (pathname === "/v1/me")
      return headers.get("authorization") === "Bearer good"
        ? json(403, { type: "urn:singlet:problem:not-a-member" })
        : json(401, {});
    if (pathname.startsWith("/webhooks/")) return json(401, {});
    return new Response("<!doctype html><title>Singlet</title>", { status: 200 });
  }) as typeof fetch;
}

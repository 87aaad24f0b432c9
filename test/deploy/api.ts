/**
 * The part of Cloudflare's API that wrangler 4 asks in a deploy, over one `Account`, on loopback. What
 * is not known here is answered 404 and listed in `unknown`: nothing is passed for right by silence.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Account } from "./cloudflare.ts";

export interface Api {
  readonly url: string;
  readonly unknown: string[];
  close(): Promise<void>;
}

interface Asked {
  readonly account: Account;
  readonly body: Buffer;
  readonly type: string;
  readonly query: URLSearchParams;
}
type Given =
  | { readonly result: unknown; readonly info?: object }
  | { readonly fault: [number, number, string] };
type Handler = (asked: Asked, ...parts: string[]) => Given | Promise<Given>;

const give = (result: unknown, info?: object): Given => ({ result, ...(info && { info }) });
const fault = (status: number, code: number, message: string): Given => ({
  fault: [status, code, message],
});
const noWorker = fault(404, 10007, "This Worker does not exist on your account.");
const jsonOf = ({ body }: Asked) => JSON.parse(body.toString());
const epoch = "2026-01-01T00:00:00Z";

/** The bindings and vars of a version, as its upload says them. */
async function uploadOf({ body, type }: Asked) {
  const form = await new Response(body as unknown as BodyInit, {
    headers: { "content-type": type },
  }).formData();
  const metadata = JSON.parse(await textOf(form.get("metadata")));
  const vars: Record<string, string> = {};
  const bindings: Record<string, string> = {};
  for (const each of metadata.bindings ?? []) {
    if (each.type === "plain_text") vars[each.name] = each.text;
    const to = each.service ?? each.database_id ?? each.id ?? each.bucket_name ?? each.queue_name;
    const at = to ?? each.script_name ?? each.dataset;
    if (at !== undefined) bindings[each.name] = at;
  }
  const { migrations, annotations = {} } = metadata;
  return {
    version: { message: annotations["workers/message"] ?? null, vars, bindings },
    tag: (migrations?.new_tag ?? null) as string | null,
  };
}

const textOf = async (part: unknown): Promise<string> =>
  typeof part === "string" ? part : await (part as Blob).text();

/** As D1 answers a query: rows, and what it cost. */
function run(db: DatabaseSync, sql: string, params: SQLInputValue[]) {
  const meta = { served_by: "here", duration: 0, changes: 0, last_row_id: 0, rows_read: 0 };
  const isOne = !/;\s*\S/.test(sql.trim()) && /^\s*(select|pragma)/i.test(sql);
  if (isOne) return [{ results: db.prepare(sql).all(...params), success: true, meta }];
  db.exec(`BEGIN; ${sql.replace(/;?\s*$/, ";")} COMMIT;`);
  return [{ results: [], success: true, meta }];
}

const versionShown = (account: Account, name: string, id: string): Given => {
  const version = account.workers.get(name)?.versions.find((each) => each.id === id);
  if (version === undefined) return fault(404, 10000, "no such version");
  const annotations = version.message === null ? {} : { "workers/message": version.message };
  const metadata = { author_email: "", created_on: epoch, source: "wrangler" };
  const resources = { bindings: [], script: { handlers: [] }, script_runtime: {} };
  return give({ id, number: 1, annotations, metadata, resources });
};

const routes: readonly [string, string, Handler][] = [
  ["GET", "/user/tokens/verify", () => give({ id: "t", status: "active" })],
  ["GET", "/user", () => give({ id: "u", email: "someone@example.com" })],
  ["GET", "/memberships", () => give([{ account: { id: "a".repeat(32), name: "one" } }])],
  ["GET", "/accounts", () => give([{ id: "a".repeat(32), name: "one" }])],
  [
    "GET",
    "/d1/database",
    ({ account, query }) =>
      give(
        query.get("page") === "1" || !query.has("page")
          ? [...account.databases].map(([name, { uuid }]) => ({
              name,
              uuid,
              version: "production",
            }))
          : [],
      ),
  ],
  [
    "POST",
    "/d1/database",
    (asked) => {
      const { name } = jsonOf(asked);
      if (asked.account.databases.has(name)) return fault(400, 7502, `${name} already exists`);
      return give({ name, uuid: asked.account.createDatabase(name), version: "production" });
    },
  ],
  [
    "GET",
    "/d1/database/([^/]+)",
    ({ account }, uuid) => {
      const found = [...account.databases].find(([, each]) => each.uuid === uuid);
      return found ? give({ name: found[0], uuid, version: "production" }) : fault(404, 7404, "no");
    },
  ],
  [
    "POST",
    "/d1/database/([^/]+)/query",
    (asked, uuid = "") => {
      const db = asked.account.databaseById(uuid);
      if (db === null) return fault(404, 7404, "no such database");
      const { sql, params = [] } = jsonOf(asked);
      if (/INSERT INTO .?d1_migrations/i.test(sql)) asked.account.changes.push("migration");
      try {
        return give(run(db, sql, params));
      } catch (error) {
        return fault(400, 7500, (error as Error).message);
      }
    },
  ],
  [
    "GET",
    "/r2/buckets",
    ({ account }) =>
      give({
        buckets: [...account.buckets.keys()].map((name) => ({ name, creation_date: epoch })),
      }),
  ],
  [
    "GET",
    "/r2/buckets/([^/]+)",
    ({ account }, name = "") =>
      account.buckets.has(name) ? give({ name }) : fault(404, 10006, "no such bucket"),
  ],
  [
    "GET",
    "/workers/scripts/([^/]+)/settings",
    ({ account }, name = "") => (account.workers.has(name) ? give({ bindings: [] }) : noWorker),
  ],
  [
    "POST",
    "/r2/buckets",
    (asked) => {
      const { name } = jsonOf(asked);
      if (asked.account.buckets.has(name)) return fault(409, 10004, "it already exists");
      asked.account.createBucket(name);
      return give({ name });
    },
  ],
  [
    "GET",
    "/r2/buckets/([^/]+)/lock",
    ({ account }, name = "") =>
      give({
        rules: (account.buckets.get(name) ?? []).map(({ id, prefix }) => ({
          ...{ id, prefix, enabled: true },
          condition: { type: "Age", maxAgeSeconds: 86_400 },
        })),
      }),
  ],
  [
    "PUT",
    "/r2/buckets/([^/]+)/lock",
    (asked, name = "") => {
      asked.account.lock(name, jsonOf(asked).rules);
      return give({});
    },
  ],
  [
    "GET",
    "/queues",
    ({ account, query }) => {
      const names = query.getAll("name");
      const all = [...account.queues].filter(([n]) => names.length === 0 || names.includes(n));
      const isFirst = (query.get("page") ?? "1") === "1";
      const shown = all.map(([queue_name, { id, consumer }]) => ({
        ...{ queue_id: id, queue_name, created_on: epoch, modified_on: epoch },
        ...{ producers: [], producers_total_count: 0 },
        consumers: consumer === null ? [] : [{ type: "worker", script: consumer, consumer_id: id }],
        consumers_total_count: consumer === null ? 0 : 1,
      }));
      return give(isFirst ? shown : []);
    },
  ],
  [
    "POST",
    "/queues",
    (asked) => {
      const { queue_name } = jsonOf(asked);
      if (asked.account.queues.has(queue_name)) return fault(409, 11009, "already taken");
      return give({ queue_name, queue_id: asked.account.createQueue(queue_name) });
    },
  ],
  ["POST", "/queues/([^/]+)/consumers", consume],
  ["PUT", "/queues/([^/]+)/consumers/[^/]+", consume],
  [
    "GET",
    "/workers/scripts/([^/]+)/secrets",
    ({ account }, name = "") => {
      const worker = account.workers.get(name);
      if (worker === undefined) return noWorker;
      return give([...worker.secrets].map((secret) => ({ name: secret, type: "secret_text" })));
    },
  ],
  [
    "GET",
    "/workers/scripts/([^/]+)/deployments",
    ({ account }, name = "") => {
      const worker = account.workers.get(name);
      if (worker === undefined) return noWorker;
      const { deployed } = worker;
      const versions = [{ version_id: deployed, percentage: 100 }];
      const one = { id: deployed, source: "wrangler", strategy: "percentage", created_on: epoch };
      const shown =
        deployed === null ? [] : [{ ...one, author_email: "", annotations: {}, versions }];
      return give({ deployments: shown });
    },
  ],
  [
    "POST",
    "/workers/scripts/([^/]+)/deployments",
    (asked, name = "") => {
      const [{ version_id }] = jsonOf(asked).versions;
      if (!asked.account.deploy(name, version_id)) return fault(400, 10000, "no such version");
      return give({ id: version_id });
    },
  ],
  [
    // Where no class of objects changes, a version is made first and deployed then.
    "POST",
    "/workers/scripts/([^/]+)/versions",
    async (asked, name = "") => {
      const { version } = await uploadOf(asked);
      const id = asked.account.addVersion(name, version);
      return give({ id, number: 1, startup_time_ms: 1, metadata: {}, resources: { script: {} } });
    },
  ],
  ["PATCH", "/workers/scripts/([^/]+)/script-settings", () => give({})],
  [
    "GET",
    "/workers/workers/([^/]+)",
    (_, name = "") => give({ name, subdomain: { enabled: false, previews_enabled: false } }),
  ],
  [
    "GET",
    "/workers/scripts/([^/]+)/versions/([^/]+)",
    ({ account }, name = "", id = "") => versionShown(account, name, id),
  ],
  [
    "GET",
    "/workers/services/([^/]+)",
    ({ account }, name = "") => {
      const worker = account.workers.get(name);
      if (worker === undefined) return fault(404, 10090, "workers.api.error.service_not_found");
      const { migrationTag: migration_tag } = worker;
      const tagged = migration_tag === null ? {} : { migration_tag };
      const script = { id: name, tag: name, last_deployed_from: "wrangler", ...tagged };
      return give({ id: name, default_environment: { environment: "production", script } });
    },
  ],
  [
    "POST",
    "/workers/scripts/([^/]+)/assets-upload-session",
    () => give({ jwt: "done", buckets: [] }),
  ],
  [
    "PUT",
    "/workers/scripts/([^/]+)",
    async (asked, name = "") => {
      const { version, tag } = await uploadOf(asked);
      const id = asked.account.upload(name, version, tag);
      return give({ id: name, deployment_id: id, startup_time_ms: 1, ...{ tag: name, etag: id } });
    },
  ],
  [
    "PUT",
    "/workers/scripts/([^/]+)/schedules",
    (asked, name = "") => {
      const crons: { cron: string }[] = jsonOf(asked);
      asked.account.worker(name).crons = crons.map(({ cron }) => cron);
      return give({ schedules: [] });
    },
  ],
  [
    "GET",
    "/workers/scripts/([^/]+)/subdomain",
    () => give({ enabled: false, previews_enabled: false }),
  ],
  [
    "POST",
    "/workers/scripts/([^/]+)/subdomain",
    () => give({ enabled: false, previews_enabled: false }),
  ],
];

function consume(asked: Asked, id = ""): Given {
  for (const queue of asked.account.queues.values())
    if (queue.id === id) queue.consumer = jsonOf(asked).script_name;
  return give({ queue_name: id });
}

export async function startApi(account: Account): Promise<Api> {
  const unknown: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      void answer(account, unknown, request, Buffer.concat(pieces), response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/client/v4`,
    unknown,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  account: Account,
  unknown: string[],
  { method = "", url = "", headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams: query } = new URL(url, "http://127.0.0.1");
  const path = pathname.replace(/^\/client\/v4/, "").replace(/^\/accounts\/[^/]+(?=\/)/, "");
  const type = headers["content-type"] ?? "";
  let given: Given = fault(404, 7003, "no route for that URI");
  const route = routes.find(([m, shape]) => m === method && new RegExp(`^${shape}$`).test(path));
  if (route === undefined) unknown.push(`${method} ${path}`);
  else {
    const [, shape, handler] = route;
    const parts = new RegExp(`^${shape}$`).exec(path)?.slice(1) ?? [];
    given = await handler({ account, body, type, query }, ...parts);
  }
  const wrong = "fault" in given ? given.fault : null;
  const errors = wrong === null ? [] : [{ code: wrong[1], message: wrong[2] }];
  const result = "result" in given ? given.result : null;
  response.writeHead(wrong?.[0] ?? 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ success: wrong === null, errors, messages: [], result }));
}

/**
 * The edge's routes that have to do with samples over the real tables, with a vault that merges records
 * by what they are called and counts them, and ledgers that remember. What the vault really makes of
 * them is its own tests' to show.
 */
import { expect } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type {
  AggregatesRequest,
  DaysAsked,
  DeviceOrder,
  OpenFact,
  Zones,
} from "../../domain/ports.ts";
import type { DayAggregates } from "../../domain/samples/aggregate.ts";
import { type GoalChanges, type Goals, withGoals } from "../../domain/samples/goals.ts";
import type { SampleOutcome, SampleRecord } from "../../domain/samples/sample.ts";
import { addDays, type LocalDate, localDate } from "../../domain/time.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { problem } from "../../workers/edge/problem.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/sync.ts")).syncRoutes,
  ...(await load("routes/me.ts")).meRoutes,
  ...(await load("routes/aggregates.ts")).aggregateRoutes,
  ...(await load("routes/devices.ts")).deviceRoutes,
  ...(await load("routes/goals.ts")).goalRoutes,
  ...(await load("routes/samples.ts")).sampleRoutes,
  ...(await load("routes/connections.ts")).connectionRoutes,
];
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

export const ada = `m_${"a".repeat(32)}` as MemberId;
export const ben = `m_${"b".repeat(32)}` as MemberId;
const unavailable = (port: string) => Object.assign(new Error(port), { name: "Unavailable" });

interface Reply {
  readonly body: string;
  readonly reply: string;
}
/** One ledger: facts by id, answers by key, days that were erased by whom. */
interface Kept {
  readonly facts: Map<string, OpenFact>;
  readonly replies: Map<string, Reply>;
  readonly erased: Map<string, string[]>;
}

const chunkOf = (record: SampleRecord): LocalDate => localDate(record.samples[0]?.fromMs ?? 0, 0);

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the route's own schema says what it is.
  readonly body: any;
}

export function world() {
  const db = sqliteD1(warehouse);
  const clock = { nowMs: Date.UTC(2026, 10, 21, 12) };
  const ledgers = new Map<string, Kept>();
  const kept = (name: string): Kept => {
    const known = ledgers.get(name) ?? { facts: new Map(), replies: new Map(), erased: new Map() };
    ledgers.set(name, known);
    return known;
  };
  /** By connection and what it is called: what stands of it. */
  const held = new Map<string, SampleRecord>();
  const resolved: { readonly days: readonly LocalDate[]; readonly zones: Zones }[] = [];
  const asked: AggregatesRequest[] = [];
  const orders: DeviceOrder[] = [];
  const erasures: object[] = [];
  const merges: { readonly connection: ConnectionId; readonly records: number }[] = [];
  const faults = {
    record: false,
    aggregates: null as string | null,
    order: null as string | null,
    goals: null as string | null,
  };
  const shown = {
    days: [] as readonly DayAggregates[],
    version: "v1",
    sampled: [] as LocalDate[],
    sealed: [] as string[],
    /** Of whoever asks for their own. */
    goals: {} as Goals,
  };

  const outcomeOf = (connection: string, record: SampleRecord): SampleOutcome => {
    if (record.device.id.startsWith("dev_")) return "not-your-device";
    const key = JSON.stringify([connection, record.metric, record.id ?? record.samples[0]]);
    const before = held.get(key);
    held.set(key, record);
    if (before === undefined) return "new";
    return JSON.stringify(before) === JSON.stringify(record) ? "duplicate" : "corrected";
  };

  const work = {
    async mergeSamples(_: MemberId, connection: ConnectionId, records: readonly SampleRecord[]) {
      merges.push({ connection, records: records.length });
      const outcomes = records.map((record) => outcomeOf(connection, record));
      const days = [...new Set(records.map(chunkOf))];
      const facts = days.map((day) => ({
        ...{ id: `chunk/${day}`, kind: "chunk", at: Date.parse(day), connection, revision: 1 },
      }));
      return { outcomes, facts };
    },
    resolveSamples: async (asks: readonly DaysAsked[]) =>
      asks.map(({ days, zones }) => {
        resolved.push({ days, zones });
        const facts = days.map((day) => ({ id: `day/${day}`, kind: "day", at: Date.parse(day) }));
        return { facts };
      }),
    sampleDays: async (_: MemberId, from: LocalDate, limit: number) =>
      shown.sampled.filter((day) => day >= from).slice(0, limit),
    sampleChunks: async (_: MemberId, from: LocalDate, to: LocalDate, limit: number) =>
      shown.sealed.filter((id) => id >= `chunk/${from}/` && id < `chunk/${to}/`).slice(0, limit),
  };
  const open = {
    enrol: async (token: string) => ({ member: token }),
    names: async () => ({}),
    aggregates: async (token: string, request: AggregatesRequest) => {
      asked.push(request);
      if (faults.aggregates !== null) return { refused: faults.aggregates };
      const isKnown = request.knownVersion === shown.version;
      return {
        days: isKnown ? null : shown.days,
        goals: !isKnown && request.goals === true && token === request.member ? shown.goals : null,
        version: shown.version,
        entry: isKnown ? null : { log: 3, index: 7 },
      };
    },
    devices: async () => ({ devices: [device], orders }),
    setDeviceOrder: async (_: string, order: DeviceOrder) => {
      if (faults.order !== null) return { refused: faults.order };
      orders.push(order);
      return { devices: [device], orders };
    },
    goals: async () => (faults.goals === null ? shown.goals : { refused: faults.goals }),
    setGoals: async (_: string, changes: GoalChanges) => {
      if (faults.goals !== null) return { refused: faults.goals };
      const next = withGoals(shown.goals, changes);
      if (next === null) return { refused: "invalid" };
      shown.goals = next;
      return next;
    },
    erase: async (_: string, scope: object) => {
      erasures.push(scope);
      const { rows: gone = [] } = scope as { rows?: readonly string[] };
      shown.sealed = shown.sealed.filter((id) => !gone.includes(id));
      return { member: ada, steps: [{ step: "rows", atMs: clock.nowMs, count: 1 }] };
    },
  };
  const ledger = (stream: { name: string }, member: string) => {
    const mine = kept(`${stream.name}/${member}`);
    const daysOf = (ids: readonly string[]) => ids.map((id) => id.split("/")[1] ?? "");
    return {
      number: async (contents: readonly unknown[]) => contents.map((_, i) => i + 1),
      async record(facts: readonly OpenFact[]) {
        if (faults.record) throw unavailable("ledger");
        return facts.map((fact) => {
          const isKnown = mine.facts.has(fact.id);
          mine.facts.set(fact.id, fact);
          return isKnown ? "duplicate" : "new";
        });
      },
      remembered: async (key: string) => mine.replies.get(key) ?? null,
      remember: async (key: string, body: string, reply: string) =>
        void mine.replies.set(key, { body, reply }),
      facts: async (fromMs: number, toMs: number) => ({
        items: [...mine.facts.values()].filter(({ at }) => at >= fromMs && at <= toMs),
        next: null,
      }),
      async erase(ids: readonly string[], by: string) {
        mine.replies.clear();
        for (const id of ids) mine.facts.delete(id);
        const all = [...(mine.erased.get(by) ?? []), ...ids];
        mine.erased.set(by, all);
        return daysOf(ids.length === 0 ? all : ids);
      },
      ofConnections: async (ids: readonly string[]) =>
        [...mine.facts.values()]
          .filter(({ connection }) => ids.includes(String(connection)))
          .map(({ id }) => id),
      configure: async () => {},
    };
  };
  const ports = {
    digest: hmacDigest(btoa("i".repeat(32))),
    forgotten: hmacDigest(btoa("f".repeat(32))),
    sql: (run: (database: typeof db) => unknown) => run(db),
    vault: { seal: async () => "sealed", park: async () => "sealed", retract: async () => {} },
    connect: { revoke: async () => "revoked" },
    connection: () => ({ forget: async () => {}, received: async () => {} }),
    runs: { send: async () => {} },
    work,
    open,
    ledger,
  };

  async function ask(
    method: string,
    path: string,
    given: {
      readonly member?: string;
      readonly query?: object;
      readonly params?: object;
      readonly body?: unknown;
      readonly raw?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Said> {
    const route = routes.find((r) => r.method === method && r.path === path);
    const { member = ada, headers = {}, raw, params } = given;
    const parsed: Record<string, unknown> = { params };
    for (const part of ["query", "body"] as const) {
      const shaped = route[part]?.safeParse(given[part] ?? (part === "query" ? {} : undefined));
      if (shaped?.success === false) return read(problem("invalid-request", "r"));
      parsed[part] = shaped?.data;
    }
    const request = new Request("https://edge.example/", {
      method: method.toUpperCase(),
      headers,
      ...(raw === undefined ? {} : { body: raw }),
    });
    const fail = (name: Parameters<typeof problem>[0], extra = {}) => problem(name, "r", extra);
    const caller = { member: member === "" ? null : member, person: `person-${member}` };
    const call = { request, ports, member, caller, nowMs: clock.nowMs, token: member };
    const said = await read(await route.handle({ ...call, requestId: "r", fail, ...parsed }));
    const schema = route.answers[said.status]?.schema;
    if (schema !== undefined) expect(schema.safeParse(said.body).error).toBeUndefined();
    return said;
  }
  const rows = (sql: string, ...values: unknown[]) =>
    db
      .prepare(sql)
      .bind(...values)
      .all();
  /** Becomes a member who lives there. */
  const enrol = async (
    member: MemberId,
    zones: Zones = [{ zone: "Europe/Amsterdam", fromMs: 0 }],
  ) =>
    void (await rows(
      "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 1, ?, 0)",
      member,
      JSON.stringify(zones),
    ));
  const sync = (body: object, member = ada as string, headers: Record<string, string> = {}) =>
    ask("post", "/v1/sync", { member, raw: JSON.stringify(body), headers });
  return {
    ...{ clock, ledgers, kept, held, resolved, asked, orders, erasures, merges, faults, shown },
    ...{ ports, ask, rows, enrol, sync },
  };
}

const device = {
  ...{ id: "dev_watch", kind: "watch", model: "Watch7,1", app: null, stated: "watch-1" },
  firstMs: Date.UTC(2026, 10, 1),
} as const;

async function read(answer: Response): Promise<Said> {
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Which problem, or the status of what is none. */
export const saidOf = ({ status, body }: Said): string | number =>
  typeof body?.type === "string" ? body.type.replace("urn:singlet:problem:", "") : status;

/** A thousand steps, more or less, of an hour of the day that the world's clock shows. */
export const steps = (hour: number, value: number, more: object = {}) => ({
  type: "steps",
  value,
  unit: "count",
  startDate: new Date(Date.UTC(2026, 10, 21, hour)).toISOString(),
  endDate: new Date(Date.UTC(2026, 10, 21, hour, 59)).toISOString(),
  sourceDevice: { id: "phone-1", kind: "phone" },
  ...more,
});

export const daysFrom = (from: LocalDate, count: number): LocalDate[] =>
  Array.from({ length: count }, (_, i) => addDays(from, i));

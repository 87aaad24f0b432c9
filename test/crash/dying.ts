/**
 * What makes the workers die where they are told to. At the armed step a worker asks whoever kills it
 * (killing.ts) whether it is to go on, and mostly never hears: what stands in storage by then is all
 * that is left of it. A step is armed for the whole life of a runtime, by its settings; without one,
 * nothing is wrapped.
 */
export interface CrashEnv {
  /** The step, as `at` of steps.ts; empty: none. */
  readonly CRASH_AT?: string;
  /** Who is asked. */
  readonly CRASH_URL?: string;
  /** The archive's runs have a clock that is so much ahead; once nothing dies any more. */
  readonly CRASH_AHEAD_MS?: string;
}

async function pass(env: CrashEnv, at: string): Promise<void> {
  if (env.CRASH_AT !== at) return;
  const answer = await fetch(`${env.CRASH_URL}/${encodeURIComponent(at)}`, { method: "POST" });
  await answer.body?.cancel();
}

/** Of the platform's bindings: what writes. Databases of one kind are one port. */
const ports: readonly (readonly [RegExp, port: string, methods: readonly string[]])[] = [
  [/^(PHI|KEYS)_\d+$/, "", ["batch"]],
  [/^(WAREHOUSE|DIRECTORY)$/, "", ["batch"]],
  [/^(ARCHIVE|BOARDS|SEALED|KEYRING|LOG_TILES|LOG_ENTRIES)$/, "", ["put", "delete"]],
  [/^(CHANGES|RUNS)$/, "", ["send"]],
];

type Call = (...args: unknown[]) => unknown;
type Methods = Record<string | symbol, unknown>;

/** The same bindings, each of whose writing calls is two steps. One and the same for one `env`. */
export function dying<E extends object>(env: E, where: string): E {
  const { CRASH_AT = "" } = env as CrashEnv;
  if (!CRASH_AT.startsWith(`${where} `)) return env;
  const key = env as object;
  const known = made.get(key) ?? new Map<string, object>();
  made.set(key, known);
  if (!known.has(where)) known.set(where, wrapped(env, where));
  return known.get(where) as E;
}
const made = new WeakMap<object, Map<string, object>>();

const wrapped = (env: object, where: string): object =>
  Object.fromEntries(
    Object.entries(env).map(([name, binding]) => {
      const methods = ports.find(([pattern]) => pattern.test(name))?.[2];
      if (methods === undefined) return [name, binding];
      const port = `${where} ${name.replace(/_\d+$/, "")}`;
      return [name, stepwise(env, binding as object, port, methods)];
    }),
  );

const raw = Symbol("the statement itself");
const text = Symbol("its SQL");

function stepwise(
  env: CrashEnv,
  binding: object,
  port: string,
  methods: readonly string[],
): object {
  return new Proxy(binding, {
    get(target, name) {
      const value = (target as Methods)[name];
      if (typeof value !== "function") return value;
      const call: Call = value.bind(target);
      if (name === "prepare")
        return (sql: string) => statement(env, call(sql) as object, port, sql);
      if (!methods.includes(String(name))) return call;
      return (...args: unknown[]) =>
        between(env, `${port}.${String(name)}${whatOf(args)}`, () => call(...args.map(bare)));
    },
  });
}

/** A prepared statement, whose `run` is a step as well. */
const statement = (env: CrashEnv, of: object, port: string, sql: string): object =>
  new Proxy(of, {
    get(target, name) {
      if (name === raw) return target;
      if (name === text) return sql;
      const value = (target as Methods)[name];
      if (typeof value !== "function") return value;
      const call: Call = value.bind(target);
      if (name === "bind")
        return (...args: unknown[]) => statement(env, call(...args) as object, port, sql);
      return name === "run" ? () => between(env, `${port}.run`, () => call()) : call;
    },
  });

/** A batch that gives a receipt is a step of its own among all that a worker writes. */
const whatOf = ([statements]: readonly unknown[]): string => {
  const isReceipt = (one: unknown) => String((one as Methods)[text]).includes("INTO receipt");
  return Array.isArray(statements) && statements.some(isReceipt) ? " of a receipt" : "";
};

/** The platform takes its own statements only. */
const bare = (arg: unknown): unknown =>
  Array.isArray(arg) ? arg.map((one) => (one as Methods | null)?.[raw] ?? one) : arg;

async function between(env: CrashEnv, at: string, call: () => unknown): Promise<unknown> {
  await pass(env, `${at} before`);
  const result = await call();
  await pass(env, `${at} after`);
  return result;
}

// biome-ignore lint/suspicious/noExplicitAny: a mixin's constructor takes any arguments.
type Class = abstract new (...args: any[]) => object;

/** The same class over dying bindings, each of whose methods is two steps. */
export function stepping<C extends Class>(
  real: C,
  where: string,
  methods: readonly (keyof InstanceType<C> & string)[],
  own = where,
): C {
  abstract class Stepping extends real {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    constructor(...[ctx, env]: any[]) {
      super(ctx, dying(env, own));
    }
  }
  for (const method of methods) {
    const call = (real.prototype as Methods)[method] as Call;
    (Stepping.prototype as Methods)[method] = function (
      this: { env: CrashEnv },
      ...args: unknown[]
    ) {
      return between(this.env, `${where} ${method}`, () => call.apply(this, args));
    };
  }
  return Stepping;
}

/**
 * A class of objects, the same but that it counts: how long it is awake for somebody, the rows of its
 * statements, its alarms. Alarms go off by the bench's clock, when the bench gives it a turn.
 */
import { now } from "./clock.ts";
import { ObjectMeter, tally } from "./counters.ts";
import { billedEnv } from "./env.ts";

interface Waiting {
  readonly binding: string;
  readonly id: string;
  readonly dueMs: number;
  readonly order: number;
}
const alarms = new Map<string, Waiting>();
let order = 0;

/** The first alarm that is due by then. */
export function nextAlarm(untilMs: number): Waiting | null {
  let first: Waiting | null = null;
  for (const alarm of alarms.values()) {
    if (alarm.dueMs > untilMs) continue;
    if (
      first === null ||
      alarm.dueMs < first.dueMs ||
      (alarm.dueMs === first.dueMs && alarm.order < first.order)
    )
      first = alarm;
  }
  return first;
}

function countStatements(sql: SqlStorage, meter: ObjectMeter): void {
  const exec = sql.exec.bind(sql);
  Object.defineProperty(sql, "exec", {
    value: (query: string, ...bindings: unknown[]) => {
      const cursor = exec(query, ...bindings);
      meter.ran(query, cursor as unknown as SqlStorageCursor<never>);
      return cursor;
    },
  });
}

/** Setting one is a row written; so is taking one away, which nothing says is free. */
function keepAlarms(ctx: DurableObjectState, part: string, binding: string): string {
  const id = ctx.id.toString();
  const key = `${binding} ${id}`;
  const own = {
    async setAlarm(at: number | Date): Promise<void> {
      tally.add(part, "object rows written", 1, "setAlarm");
      alarms.set(key, { binding, id, dueMs: Number(at), order: order++ });
    },
    async getAlarm(): Promise<number | null> {
      return alarms.get(key)?.dueMs ?? null;
    },
    async deleteAlarm(): Promise<void> {
      tally.add(part, "object rows written", 1, "deleteAlarm");
      alarms.delete(key);
    },
  };
  for (const [name, value] of Object.entries(own))
    Object.defineProperty(ctx.storage, name, { value });
  return key;
}

// biome-ignore lint/suspicious/noExplicitAny: a class may be extended only by such a constructor.
type ObjectClass = new (...of: any[]) => object;
type Method = (...of: unknown[]) => unknown;

const messagesARequest = 20;

export function billed<C extends ObjectClass>(Real: C, part: string, binding: string): C {
  const made = new WeakMap<object, { readonly meter: ObjectMeter; readonly alarm: string }>();
  const methods = Real.prototype as Readonly<Record<string, Method>>;

  class BilledObject extends Real {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    constructor(...of: any[]) {
      const [ctx, env] = of as [DurableObjectState, object];
      const meter = new ObjectMeter(part);
      countStatements(ctx.storage.sql, meter);
      const alarm = keepAlarms(ctx, part, binding);
      super(ctx, billedEnv(env, part, meter));
      made.set(this, { meter, alarm });
    }

    /** The bench's turn: its alarm goes off if it is due. */
    async billAlarm(): Promise<void> {
      const own = made.get(this);
      if (own === undefined || (alarms.get(own.alarm)?.dueMs ?? Infinity) > now()) return;
      alarms.delete(own.alarm);
      tally.add(part, "object requests", 1, "alarm");
      await own.meter.during(() => methods.alarm?.call(this));
    }
  }

  for (const name of Object.getOwnPropertyNames(methods)) {
    const method: unknown = Object.getOwnPropertyDescriptor(methods, name)?.value;
    if (name === "constructor" || name === "alarm" || typeof method !== "function") continue;
    Object.defineProperty(BilledObject.prototype, name, {
      configurable: true,
      writable: true,
      value(this: object, ...of: unknown[]) {
        if (name === "webSocketMessage")
          tally.add(part, "object requests", 1 / messagesARequest, name);
        return made.get(this)?.meter.during(() => method.apply(this, of));
      },
    });
  }
  return BilledObject;
}

/** The bench's own door to a worker: the time, a turn, the counters. No product has it. */
import { follow, machineWait, nextTimer, now, setNow, tellNow, timersDue } from "./clock.ts";
import { countRows, isQuiet, tally } from "./counters.ts";
import { nextAlarm } from "./objects.ts";
import { consume, type Delivered, takeSent } from "./queues.ts";

/** So often nothing may be under way before nothing is: between two calls there is work too. */
const quietLooks = 3;
const looksMax = 60_000;

/** What was begun and not waited for has ended. */
async function whenQuiet(): Promise<void> {
  for (let looks = 0, quiet = 0; quiet < quietLooks; looks++) {
    if (looks > looksMax) throw new Error("it does not come to rest");
    await machineWait(1);
    quiet = isQuiet() && timersDue() === 0 ? quiet + 1 : 0;
  }
}

const alarmsATurnMax = 1_000_000;

/** Alarms up to then go off one after another, each at its time. */
async function turn(env: object, untilMs: number): Promise<void> {
  await whenQuiet();
  let rung = 0;
  for (let alarm = nextAlarm(untilMs); alarm !== null; alarm = nextAlarm(untilMs)) {
    if (++rung > alarmsATurnMax) throw new Error("alarms without end");
    setNow(alarm.dueMs);
    const namespace = (env as Record<string, DurableObjectNamespace>)[alarm.binding];
    const stub = namespace?.get(namespace.idFromString(alarm.id));
    await (stub as unknown as { billAlarm(): Promise<void> }).billAlarm();
    await whenQuiet();
  }
  setNow(untilMs);
  await whenQuiet();
}

/** When an alarm or a timer comes next; null: none does. */
function nextMs(): number | null {
  const due = [nextAlarm(Number.MAX_SAFE_INTEGER)?.dueMs, nextTimer()].filter((ms) => ms != null);
  return due.length === 0 ? null : Math.min(...due);
}

interface Batch {
  readonly queue: string;
  readonly messages: readonly Delivered[];
}

/** Null: it is no request of the bench's. */
export async function billDoor(
  request: Request,
  env: object,
  consumer?: (batch: MessageBatch) => Promise<void>,
): Promise<Response | null> {
  const { pathname, searchParams } = new URL(request.url);
  if (!pathname.startsWith("/__bill/")) return null;
  const atMs = Number(searchParams.get("at") ?? now());
  switch (pathname) {
    case "/__bill/now":
      tellNow(atMs);
      return Response.json({ sent: takeSent() });
    case "/__bill/follow":
      follow();
      return Response.json({ sent: takeSent() });
    case "/__bill/turn":
      await turn(env, atMs);
      return Response.json({ sent: takeSent(), nextMs: nextMs() });
    case "/__bill/deliver": {
      setNow(atMs);
      const { queue, messages } = (await request.json()) as Batch;
      if (consumer === undefined) throw new Error("this worker consumes no queue");
      const told = await consume(queue, messages, consumer);
      return Response.json({ ...told, sent: takeSent() });
    }
    case "/__bill/tally":
      countRows();
      return Response.json(tally.entries());
    default:
      return new Response(null, { status: 404 });
  }
}

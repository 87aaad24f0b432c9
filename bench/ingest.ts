/**
 * What a push costs until its 200: Garmin's body with data, and Google's signed notice, each beside
 * the floor worker with the same bytes. The three are sent in turn, so noise hits them alike.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { notifyGoogle, pushActivities } from "../local/deliveries.ts";
import { bundle } from "../local/runtime.ts";
import { garminActivity, garminBody } from "../test/fakes/rides.ts";
import { athlete, ownSystem } from "../test/system/support.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const rounds = 400;
const warmUp = 40;

export async function ingest(): Promise<Result> {
  const { system, end } = await ownSystem();
  const folder = await mkdtemp(join(tmpdir(), "singlet-floor-"));
  const floor = await floorRuntime(folder);
  const url = (await floor.ready).href;
  const who = await athlete(system, "bench");
  const times = { push: [] as number[], notice: [] as number[], floor: [] as number[] };
  progress(`${rounds} rounds of a push, a signed notice and the floor, in turn`);
  for (let i = 0; i < rounds + warmUp; i++) {
    const startMs = Date.UTC(2026, 0, 1, 8) + i * 7_200_000;
    const item = garminActivity({
      account: who.garmin,
      id: String(60_000_000 + i),
      startMs,
      elapsedSeconds: 1800,
      distanceM: 5000,
    });
    const bare = await timed(() =>
      fetch(url, { method: "POST", body: JSON.stringify(garminBody(item)) }),
    );
    const push = await timed(() => pushActivities(system, item));
    const notice = await timed(() => notifyGoogle(system, "nobody", startMs, startMs + 1));
    const statuses = [bare.value.status, push.value.status, notice.value.status];
    if (statuses.join() !== "200,200,204") throw new Error(`answered ${statuses.join()}`);
    if (i < warmUp) continue;
    times.floor.push(bare.ms);
    times.push.push(push.ms);
    times.notice.push(notice.ms);
    if ((i - warmUp + 1) % 100 === 0) progress(`${i - warmUp + 1} of ${rounds}`);
  }
  await floor.dispose();
  await rm(folder, { recursive: true, force: true });
  await end();
  const median = (values: number[]) => percentile(values, 0.5);
  progress(
    `medians: push ${median(times.push).toFixed(1)} ms, signed notice ${median(times.notice).toFixed(1)} ms, floor ${median(times.floor).toFixed(1)} ms`,
  );
  return {
    name: "ingest",
    value: rounded(median(times.push)),
    unit: "ms median",
    floor: rounded(median(times.floor)),
    ratio: rounded(median(times.push) / median(times.floor)),
    spread: rounded(percentile(times.push, 0.9) / percentile(times.push, 0.1)),
    level: "emulator",
    details: { noticeRatio: rounded(median(times.notice) / median(times.floor)) },
  };
}

export async function floorRuntime(folder: string): Promise<Miniflare> {
  const contents = await bundle(join(import.meta.dirname, "floor-worker.ts"));
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "floor",
      modules: [{ type: "ESModule", path: "floor.mjs", contents }],
      compatibilityDate: "2026-10-01",
      durableObjects: { OBJECT: { className: "FloorObject", useSQLite: true } },
      serviceBindings: { OTHER: { name: "floor", entrypoint: "Other" } },
      d1Databases: { DB: "floor" },
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
  const db = await runtime.getD1Database("DB");
  await db.exec("CREATE TABLE IF NOT EXISTS body (id INTEGER PRIMARY KEY, text TEXT)");
  return runtime;
}

/** Asking the archive for a run and watching it, as the clock and the queue would have it. */
import type { System } from "../../local/system.ts";

const minuteCron = "* * * * *";
const pauseMs = 500;
/** Between two turns of the clock, which finds runs that nobody is at. */
const pausesPerTurn = 10;

export interface RunProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly outcome: string | null;
}

export async function askFor(system: System, id: string): Promise<void> {
  const warehouse = await warehouseOf(system);
  await warehouse
    .prepare(
      `INSERT INTO run (id, kind, args, asked_at, stage, state) VALUES (?, 'settle', '{}', ?, '', '{}')
       ON CONFLICT DO NOTHING`,
    )
    .bind(id, Date.now())
    .run();
}

/** Until it is finished; whoever held it before is dead, so its lease need not run out. */
export async function watch(
  system: System,
  id: string,
  told: (progress: RunProgress) => void,
): Promise<RunProgress> {
  const warehouse = await warehouseOf(system);
  await warehouse.prepare("UPDATE run SET lease_until = 0 WHERE id = ?").bind(id).run();
  const archive = await system.runtime.mf.getWorker("singlet-archive");
  for (let n = 0; ; n++) {
    if (n % pausesPerTurn === 0) await archive.scheduled({ cron: minuteCron });
    await new Promise((resume) => setTimeout(resume, pauseMs));
    const progress = await warehouse
      .prepare("SELECT stage, done, total, outcome FROM run WHERE id = ?")
      .bind(id)
      .first<RunProgress & Record<string, unknown>>();
    if (progress === null) throw new Error("the run is gone");
    told(progress);
    if (progress.outcome !== null) return progress;
  }
}

export const warehouseOf = ({ runtime }: Pick<System, "runtime">) =>
  runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");

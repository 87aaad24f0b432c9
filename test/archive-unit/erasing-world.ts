/** Two members whose rides are settled, one of whom is erased: arguments and receipt of the run. */
import { archiveWorld, rides, together, type World } from "./archive-world.ts";

const [ada = "", ben = ""] = together;
const days = ["2026-10-31", "2026-11-01"] as const;
export const partitions = days.map((day) => ({ stream: "workouts", day, bucket: 3 }));

/** Rides of two members, settled; a receipt that waits for the archive. */
export async function settled(): Promise<World> {
  const world = archiveWorld();
  await rides(world, ada, [
    ["a1", "2026-10-31", 1000],
    ["a2", "2026-11-01", 2000],
  ]);
  await rides(world, ben, [["b1", "2026-11-01", 4000]]);
  await world.begin("r1", "settle", {});
  await world.goOn();
  world.warehouse.raw.exec(
    `INSERT INTO receipt VALUES ('rc', 'member', 0, '[{"step":"ledger","at":"x","count":2}]',
       '["archive"]', NULL)`,
  );
  return world;
}
export const erase = (over: object = {}) => ({
  ...{ receipt: "rc", ledger: `workouts/${ada}`, stream: "workouts", partitions, forget: true },
  ...over,
});
export const receiptOf = (world: World) => {
  const [row] = world.rows("SELECT steps, pending, finished_at FROM receipt WHERE id = 'rc'");
  const steps: { step: string; count: number }[] = JSON.parse(String(row?.steps));
  return {
    steps: steps.map(({ step, count }) => [step, count]),
    pending: row?.pending,
    isFinished: row?.finished_at !== null,
  };
};

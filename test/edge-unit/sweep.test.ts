/** What the edge makes good by itself: a link that a crash left claimed and not opened. */
import { expect, it } from "vitest";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

const path = "../../workers/edge/sweep.ts";
const { openClaimed } = await import(/* @vite-ignore */ path);
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const nowMs = Date.UTC(2026, 10, 21, 12);
const minute = 60_000;

it("opens what was claimed and never opened: not what is shown, ended, just begun or uploads", async () => {
  const db = sqliteD1(warehouse);
  const claim = (id: string, provider: string, agoMin: number, endedAt: number | null = null) =>
    db
      .prepare(
        `INSERT INTO connection (id, member, provider, account, made_at, ended_at, forgotten_to)
         VALUES (?, 'm1', ?, ?, ?, ?, 7)`,
      )
      .bind(id, provider, `account-of-${id}`, nowMs - agoMin * minute, endedAt)
      .run();
  await claim("c-left", "garmin", 10);
  await claim("c-young", "google-health", 1);
  await claim("c-ended", "garmin", 10, nowMs);
  await claim("c-upload", "files", 10);
  await claim("c-shown", "garmin", 10);
  await db
    .prepare(
      `INSERT INTO connection_status (connection, member, provider, state, body, changed_at)
       VALUES ('c-shown', 'm1', 'garmin', 'connected', '{}', 1)`,
    )
    .run();
  const opened: unknown[] = [];
  const CONNECTION = {
    getByName: (name: string) => ({
      open: async (link: object) => opened.push({ name, ...link }),
    }),
  };
  await openClaimed({ WAREHOUSE: db, CONNECTION }, nowMs);
  expect(opened).toEqual([
    {
      name: "c-left",
      connection: "c-left",
      member: "m1",
      provider: "garmin",
      account: "account-of-c-left",
      forgottenToMs: 7,
      scopes: null,
      have: null,
    },
  ]);
});

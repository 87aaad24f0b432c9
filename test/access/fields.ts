/**
 * Fields: a coach sees the columns that were opened and no other, others see of a workout what is
 * for others, and nobody says by a field of a body or a query whose it is, or what only we say.
 */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { recordColumns } from "../../domain/consent.ts";
import { as } from "../system/support.ts";
import { type Cast, pastDay, stepsOn } from "./cast.ts";
import { bodyOf, names, reads } from "./inventory.ts";
import { policy } from "./policy.ts";
import { waysOf } from "./ways.ts";

/** What is ours to say, and no caller's. */
const notTheirs: Readonly<Record<string, unknown>> = {
  ...{ accessLevel: 9, admin: true, connection: "c_1", erasedAt: null, entry: "0/1", made: "now" },
  ...{ opened: 0, owner: "m_1", revision: 9, roles: ["operator"], token: "t", version: 9 },
  ...{ id: "w_1", memberId: "m_1", onBoards: true, settings_version: 1, isAdmin: true },
};
/** Of those, what some body has a field for. */
const theirsAt: Readonly<Record<string, readonly string[]>> = {
  "PUT /v1/me": ["onBoards"],
  "POST /v1/ops/erasures": ["connection"],
};

/** What a form has fields for, however deep. */
function fieldsIn(described: unknown): string[] {
  if (typeof described !== "object" || described === null) return [];
  const { properties = {} } = described as { readonly properties?: object };
  return [...Object.keys(properties), ...Object.values(described).flatMap(fieldsIn)];
}

const shownToOthers = [
  ...["distanceMm", "elapsedMs", "elevationGainMm", "energyMcal", "id", "movingMs", "start"],
  ...["type", "verified"],
];

export function fieldsSuite(castNow: () => Cast): void {
  describe("fields", () => {
    it("a coach reads the columns that were opened, and of others is told the same", async () => {
      const { system, people, things } = castNow();
      const coach = as(system, people["allowed coach"]);
      const refusals = new Set<string>();
      for (const column of [...recordColumns, "raw", "source_id", "original_type"]) {
        const path = `/v1/members/${people.owner.id}/readings/${column}?workout=${things.workout}`;
        const answer = await coach.get(path);
        expect([column, answer.status]).toEqual([column, column === "heart_rate" ? 200 : 403]);
        const { requestId: _, ...said } = answer.body;
        if (answer.status !== 200) refusals.add(JSON.stringify(said));
      }
      expect(refusals.size).toBe(1);
    });

    it("a coach reads the kinds of samples that were opened, and no goal", async () => {
      const { system, people } = castNow();
      const coach = as(system, people["allowed coach"]);
      const own = as(system, people.owner);
      const asked = (types: string) =>
        `/v1/summary?date=${pastDay}&member=${people.owner.id}&types=${types}`;
      const { body } = await own.get(asked("steps,weight,heart_rate"));
      expect(Object.keys(body.metrics).sort()).toEqual(["heart_rate", "steps", "weight"]);
      const steps = await coach.get(asked("steps"));
      expect(steps.body.metrics.steps).toMatchObject({ value: 7_000, goal: null });
      for (const types of ["weight", "heart_rate", "steps,weight"])
        expect([types, (await coach.get(asked(types))).status]).toEqual([types, 403]);
      const all = await coach.get(`/v1/summary?date=${pastDay}&member=${people.owner.id}`);
      expect(Object.keys(all.body.metrics ?? {}).filter((name) => name !== "steps")).toEqual([]);
    });

    it("of a workout others see what is for others", async () => {
      const { system, people } = castNow();
      const path = `/v1/members/${people.owner.id}/workouts`;
      const { body } = await as(system, people["allowed coach"]).get(path);
      expect(body.items.length).toBeGreaterThan(0);
      for (const item of body.items)
        expect(Object.keys(item).filter((name) => !shownToOthers.includes(name))).toEqual([]);
    });

    it.each(names.filter((name) => bodyOf(name) !== undefined))(
      "nothing that is not the caller's to say gets through a body: %s",
      (name) => {
        const way = waysOf(castNow())[name];
        const body = way?.body?.(way.own ?? "") ?? {};
        const form = bodyOf(name) as z.ZodType;
        expect(form.safeParse(body).success).toBe(true);
        const fields = fieldsIn(z.toJSONSchema(form, { io: "input", unrepresentable: "any" }));
        for (const [field, value] of Object.entries(notTheirs)) {
          if (theirsAt[name]?.includes(field)) continue;
          expect(fields).not.toContain(field);
          const parsed = form.safeParse({ ...(body as object), [field]: value });
          if (parsed.success) expect(Object.keys(parsed.data as object)).not.toContain(field);
        }
      },
    );

    it("a batch counts for whoever sent it, whatever it says", async () => {
      const { system, people } = castNow();
      const { another, owner } = people;
      const said = { member: owner.id, id: owner.id, revision: 9e9, connection: "c_1" };
      const sample = { ...stepsOn(pastDay), value: 41, ...said };
      const before = await as(system, owner).get(`/v1/summary?date=${pastDay}&types=steps`);
      const sent = await as(system, another).post("/v1/sync", { ...said, samples: [sample] });
      expect(sent.body).toMatchObject({ synced: 1 });
      const after = await as(system, owner).get(`/v1/summary?date=${pastDay}&types=steps`);
      expect(after.body).toEqual(before.body);
    });

    it.each(reads.filter((name) => policy[name]?.may === "oneself"))(
      "no query and no header makes one's own be another's: %s",
      async (name) => {
        const { system, people, things } = castNow();
        const way = waysOf(castNow())[name];
        if (way === undefined || way.isStream === true) return;
        const { owner, another } = people;
        const path = way.path("");
        const meant = new URLSearchParams({ member: owner.id, id: owner.id, user: owner.id });
        const answer = await fetch(
          `${system.url}${path}${path.includes("?") ? "&" : "?"}${meant}`,
          {
            headers: {
              authorization: `Bearer ${another.token}`,
              ...{ "x-member": owner.id, "x-user-id": owner.id, "x-forwarded-user": owner.id },
            },
          },
        );
        const text = await answer.text();
        expect([200, 400]).toContain(answer.status);
        const theirs = ["workout", "garmin", "consent", "share", "team", "export", "decision"];
        for (const thing of theirs) expect(text).not.toContain(things[thing]);
      },
    );

    it("a page that was begun by another leads nowhere in one's own", async () => {
      const { system, people } = castNow();
      for (const list of ["workouts", "listens", "access-log"]) {
        const first = await as(system, people.owner).get(`/v1/${list}?limit=1`);
        const cursor = encodeURIComponent(first.body.next);
        const path = `/v1/${list}?cursor=${cursor}`;
        const { body } = await as(system, people.another).get(path);
        const theirs = JSON.stringify(body.items);
        expect(theirs).not.toContain(people.owner.id);
        for (const thing of ["workout", "joined", "listen"])
          expect(theirs).not.toContain(castNow().things[thing]);
      }
    });
  });
}

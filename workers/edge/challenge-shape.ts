/** Challenges as they are asked for and shown. */
import * as z from "zod";
import { challengeAmountMax, challengeDaysMax, type RulesFault } from "../../domain/challenges.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import { type Challenge, joinings, stateOf } from "./challenge-rows.ts";
import { boardKeys, boardStream, unitOf } from "./leaderboard-shape.ts";
import { shownName } from "./routes/teams.ts";

const measures = boardStream.measures.flatMap(({ name, open }) => (open ? [name] : []));
const amount = z.number().int().min(1).max(challengeAmountMax);

export const rulesShape = z.object({
  measure: z.enum(measures),
  families: z.array(z.enum(boardKeys)).max(boardKeys.length).describe("Empty: all activities."),
  from: z.string().max(10).describe("First day, where the member was."),
  to: z.string().max(10).describe(`Last day; ${challengeDaysMax} days at most.`),
  dayMax: amount.nullable().describe("No day counts for more; in the measure's unit."),
  least: amount.nullable().describe("A workout with less counts for nothing."),
  verifiedOnly: z.boolean().describe("What was entered by hand counts for nothing."),
});
const wanted = rulesShape.partial({
  families: true,
  dayMax: true,
  least: true,
  verifiedOnly: true,
});

export const draft = wanted
  .extend({
    name: shownName,
    joining: z.enum(joinings).describe("Who may join; code: whoever was told one."),
    team: z.string().max(64).optional().describe("Whose members may join, where a team's may."),
  })
  .strict()
  .refine(({ joining, team }) => (joining === "team") === (team !== undefined), {
    path: ["team"],
  });

export const change = rulesShape
  .extend({ name: shownName })
  .partial()
  .strict()
  .refine((asked) => Object.keys(asked).length > 0, "something to change");

export const challengeShape = rulesShape
  .extend({
    id: z.string(),
    name: z.string(),
    unit: z.string(),
    joining: z.enum(joinings),
    team: z.string().nullable(),
    state: z
      .enum(["coming", "running", "over", "final", "ended"])
      .describe("over: its days are, and what comes late still counts. final: settled."),
    made: z.string(),
    ended: z.string().nullable(),
    joined: z.boolean().describe("By whoever asks."),
  })
  .meta({ id: "Challenge" });

export const shownChallenge = (
  challenge: Challenge,
  joined: boolean,
  nowMs: Instant,
): z.output<typeof challengeShape> => {
  const { id, families, measure, ...rules } = challenge.rules;
  return {
    ...{ id, name: challenge.name, ...rules, joined },
    measure,
    families: families as z.output<typeof rulesShape>["families"],
    unit: unitOf(measure),
    joining: challenge.joining,
    team: challenge.team,
    state: stateOf(challenge, nowMs),
    made: formatMoment(challenge.madeAtMs),
    ended: challenge.endedAtMs === null ? null : formatMoment(challenge.endedAtMs),
  };
};

/** Where in the body it is that cannot be. */
export const badRules = (fault: RulesFault) => ({
  fields: [{ field: fault === "days" ? "body.to" : `body.${fault}`, rule: "custom" }],
});

/**
 * The providers of the fake that are played by their workouts: which paths are whose, with whose
 * proof, and what answers there. On one host no path of one is a path of another.
 */
import { type Answer, type Asked, answer } from "./provider-answer.ts";
import { Concept2Side, concept2Paths } from "./provider-concept2.ts";
import { CorosSide, corosPaths } from "./provider-coros.ts";
import { FitbitSide, fitbitPaths } from "./provider-fitbit.ts";
import type { Grants } from "./provider-oauth.ts";
import { OuraSide, ouraAppPaths, ouraPaths } from "./provider-oura.ts";
import { PolarSide, polarAppPaths, polarPaths } from "./provider-polar.ts";
import { isSessionPath, Sessions } from "./provider-sessions.ts";
import { StravaSide, stravaAppPaths, stravaPaths } from "./provider-strava.ts";
import { SuuntoSide, suuntoEnd, suuntoPaths } from "./provider-suunto.ts";
import { WahooSide, wahooPaths } from "./provider-wahoo.ts";
import { WhoopSide, whoopPaths } from "./provider-whoop.ts";
import { WithingsSide, withingsPaths } from "./provider-withings.ts";
import { type WorkoutProvider, Workouts, workoutProviders } from "./provider-workouts.ts";

const pathsOf: Readonly<Record<WorkoutProvider, readonly string[]>> = {
  fitbit: fitbitPaths,
  polar: polarPaths,
  whoop: whoopPaths,
  oura: ouraPaths,
  suunto: [...suuntoPaths, suuntoEnd],
  strava: stravaPaths,
  withings: withingsPaths,
  wahoo: wahooPaths,
  coros: corosPaths,
  concept2: concept2Paths,
};
const begins = (path: string, prefixes: readonly string[]) =>
  prefixes.some((prefix) => path.startsWith(prefix));

/** Whose member's tokens open this path; null: nobody's here. */
export const sideOf = (path: string): WorkoutProvider | null =>
  workoutProviders.find((name) => begins(path, pathsOf[name])) ?? null;

interface Side {
  /** To whoever has no token that is good. */
  readonly denied?: Answer;
  serve(account: string, asked: Asked): Answer | Promise<Answer>;
}

export class Sides {
  readonly workouts: Readonly<Record<WorkoutProvider, Workouts>>;
  readonly polar: PolarSide;
  readonly oura: OuraSide;
  readonly strava: StravaSide;
  readonly withings: WithingsSide;
  readonly sessions = new Sessions();
  readonly #all: Readonly<Record<WorkoutProvider, Side>>;

  constructor(grants: Grants, isRestarted: boolean) {
    const made = workoutProviders.map((name) => [name, new Workouts(name)] as const);
    this.workouts = Object.fromEntries(made) as Record<WorkoutProvider, Workouts>;
    const { fitbit, polar, whoop, oura, suunto, strava, withings, wahoo, coros, concept2 } =
      this.workouts;
    const ends = (name: WorkoutProvider) => (account: string) => grants.end(name, account);
    this.polar = new PolarSide(polar, ends("polar"), isRestarted);
    this.oura = new OuraSide(oura);
    this.strava = new StravaSide(strava);
    this.withings = new WithingsSide(withings);
    this.#all = {
      fitbit: new FitbitSide(fitbit),
      polar: this.polar,
      whoop: new WhoopSide(whoop, ends("whoop")),
      oura: this.oura,
      suunto: new SuuntoSide(suunto, ends("suunto")),
      strava: this.strava,
      withings: this.withings,
      wahoo: new WahooSide(wahoo, ends("wahoo")),
      coros: new CorosSide(coros),
      concept2: new Concept2Side(concept2),
    };
  }

  serve(name: WorkoutProvider, account: string, asked: Asked): Answer | Promise<Answer> {
    return this.#all[name].serve(account, asked);
  }

  denied(name: WorkoutProvider): Answer | undefined {
    return this.#all[name].denied;
  }

  /** What is asked in the app's own name; null: it is no such path. */
  async serveApp(asked: Asked): Promise<Answer | null> {
    const path = asked.url.pathname;
    if (isSessionPath(path)) return this.sessions.serve(asked);
    if (begins(path, ouraAppPaths)) return this.oura.serveApp(asked);
    if (begins(path, stravaAppPaths)) return this.strava.serveApp(asked);
    if (!begins(path, polarAppPaths)) return null;
    const isProven = asked.authorization.startsWith("Basic ");
    return isProven ? this.polar.serveApp(asked) : answer(401, { error: "who asks?" });
  }
}

/**
 * Who is about while the clients work: the clock, which no cron is on this machine; somebody who
 * reads; and, when they are asked to, who settles, who leaves, and who wraps the keys anew.
 */
import { randomUUID } from "node:crypto";
import { eventually, syncPhone } from "../../local/deliveries.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { runSweep, runWitness, type System } from "../../local/system.ts";
import { appleWorkout } from "../fakes/rides.ts";
import { chanceOf } from "../oracle/chance.ts";
import { askFor, warehouseOf } from "../sim/runs.ts";
import { type Athlete, athlete, workoutsOf } from "../system/support.ts";
import { uuidOf } from "./door.ts";
import type { ClientRecord } from "./record.ts";
import type { Errand } from "./steps.ts";
import { GarminDoor } from "./workout-doors.ts";

const minuteEveryMs = 700;
const minutesPerSweep = 4;
const readEveryMs = 30;
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

/** Somebody who asked to be forgotten, until they were told that they are. */
export interface Leaver extends Person {
  /** Null: they were never told, though it may be done. */
  receipt: string | null;
}

export class Company {
  /** Where the log says that each reading, which was handed out, was read. */
  readonly reads: string[] = [];
  readonly leavers: Leaver[] = [];
  /** Of the reader's own ride. */
  #path = "";
  #reader: Athlete | null = null;
  #operator = "";
  #isOn = false;
  #running: Promise<unknown> = Promise.resolve();
  #runs = 0;

  async arrive(system: System, record: ClientRecord, nowMs: number): Promise<void> {
    this.#operator = (await enrol(system, "operator", "The operator", ["operator"])).token;
    this.#reader = await athlete(system, "reader");
    const ride = new GarminDoor({ who: this.#reader, seed: 0, nowMs }, 1, chanceOf(0)).next(1);
    for (const saying of ride?.sayings ?? []) record.say(saying);
    const { status } = (await ride?.send(system)) ?? {};
    for (const saying of ride?.sayings ?? []) record.acknowledge(saying);
    const [workout] = await workoutsOf(system, this.#reader);
    if (status !== 200 || workout === undefined) throw new Error("the reader has nothing to read");
    this.#path = `/v1/members/${this.#reader.id}/readings/heart_rate?workout=${workout.id}`;
  }

  start(system: System, errands: readonly Errand[]): void {
    this.#isOn = true;
    const tries = [
      this.#clock(system),
      this.#read(system),
      ...errands.map((e) => this.#run(system, e)),
    ];
    // Whoever the kill cuts off asks again another time.
    this.#running = Promise.all(tries.map((trying) => trying.catch(() => {})));
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#running;
  }

  async #clock(system: System): Promise<void> {
    for (let minute = 0; this.#isOn; minute++) {
      await runWitness(system).catch(() => {});
      if (minute % minutesPerSweep === 0) await runSweep(system).catch(() => {});
      await pause(minuteEveryMs);
    }
  }

  async #read(system: System): Promise<void> {
    const token = this.#reader?.token ?? "";
    while (this.#isOn) {
      const answer = await call(system.url, "GET", this.#path, { token });
      if (answer.status === 200) this.reads.push(answer.headers.get("audit-entry") ?? "");
      await pause(readEveryMs);
    }
  }

  #run(system: System, errand: Errand): Promise<unknown> {
    switch (errand) {
      case "settle":
        return this.#settle(system);
      case "leave":
        return this.#leave(system);
      case "rotate":
        return this.rotate(system);
    }
  }

  /** Whoever was at a run is dead: its lease need not run out. */
  async #settle(system: System): Promise<void> {
    const warehouse = await warehouseOf(system);
    await warehouse.prepare("UPDATE run SET lease_until = 0 WHERE outcome IS NULL").run();
    await askFor(system, `crash-settle-${++this.#runs}`);
  }

  /** Enrols, has rides and goes; the DELETE is asked until it is answered, after the kill too. */
  async #leave(system: System): Promise<void> {
    const settings = { zone: "UTC", onBoards: true };
    const subject = `leaver-${this.leavers.length}`;
    const person = await enrol(system, subject, `Name of ${subject}`, ["member"], settings);
    const leaver: Leaver = { ...person, receipt: null };
    const ride = (n: number) =>
      appleWorkout({
        ...{ account: "self", id: uuidOf(`${person.id} ${n}`), zone: "UTC", everySeconds: 300 },
        startMs: Date.UTC(2026, 9, 1 + n, 7),
        ...{ elapsedSeconds: 3_600, distanceM: 20_000 },
      });
    this.leavers.push(leaver);
    await syncPhone(system, leaver, "all", [ride(1), ride(2), ride(3)]);
    await this.#gone(system, leaver);
  }

  async #gone(system: System, leaver: Leaver): Promise<boolean> {
    const { token } = leaver;
    const { status, body } = await call(system.url, "DELETE", "/v1/me", { token });
    if (status === 200) leaver.receipt = body.id;
    // Whose answer was lost is known to nobody any more, and their token is of before that.
    return status === 200 || status === 401;
  }

  /** Steps of a rotation, until one is done. */
  async rotate({ url }: System): Promise<void> {
    const ask = { token: this.#operator, body: { what: "epoch" } };
    const step = () => call(url, "POST", "/v1/ops/keys/rotations", ask);
    await eventually(step, ({ body }) => body.done === true, { everyMs: 20 });
  }

  /** All who asked are gone. Gives what is wrong. */
  async finish(system: System): Promise<string[]> {
    const wrong: string[] = [];
    for (const leaver of this.leavers)
      if (leaver.receipt === null) {
        const isGone = await eventually(() => this.#gone(system, leaver), Boolean, {
          everyMs: 100,
        });
        if (!isGone) wrong.push(`${leaver.name} asked to be forgotten, and is not`);
      }
    for (const { receipt, name } of this.leavers) {
      if (receipt === null) continue;
      const asked = async () => {
        await runWitness(system).catch(() => {});
        return (await call(system.url, "GET", `/v1/receipts/${receipt}`)).body;
      };
      const isOver = ({ pending }: { readonly pending: readonly string[] }) =>
        pending.every((what) => what === "keys");
      const { pending } = await eventually(asked, isOver, { everyMs: 250, tries: 240 });
      if (!isOver({ pending })) wrong.push(`of ${name} ${JSON.stringify(pending)} is not done`);
    }
    return wrong;
  }

  /** One reading, with nobody to kill it, so that the last entry is a reading's. */
  async readOnce(system: System): Promise<void> {
    const token = this.#reader?.token ?? "";
    const answer = await eventually(
      () => call(system.url, "GET", this.#path, { token }),
      ({ status }) => status === 200,
    );
    this.reads.push(answer.headers.get("audit-entry") ?? randomUUID());
  }
}

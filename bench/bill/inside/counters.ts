/** The counters of one worker and of the objects that it hosts; they share an isolate here. */
import { Tally } from "../tally.ts";
import { machineMs } from "./clock.ts";

export const tally = new Tally();

/** Calls that left this worker and have not come back. */
let underWay = 0;
export const isQuiet = (): boolean => underWay === 0;

/** What something is doing, and for how long. */
export interface Busy {
  during<T>(work: () => Promise<T> | T): Promise<T>;
}

export const anybody: Busy = {
  async during(work) {
    underWay++;
    try {
      return await work();
    } finally {
      underWay--;
    }
  },
};

const gigabytes = 0.128;
const meters = new Set<ObjectMeter>();

/** Rows whose cursors were still open when they were made are counted from here. */
export function countRows(): void {
  for (const meter of meters) meter.countRows();
}

/** One object: how long it is awake for somebody, and the rows that its statements touch. */
export class ObjectMeter implements Busy {
  readonly part: string;
  #depth = 0;
  #sinceMs = 0;
  #ran: { readonly query: string; readonly cursor: SqlStorageCursor<never> }[] = [];

  constructor(part: string) {
    this.part = part;
    meters.add(this);
  }

  async during<T>(work: () => Promise<T> | T): Promise<T> {
    if (this.#depth++ === 0) this.#sinceMs = machineMs();
    try {
      return await anybody.during(work);
    } finally {
      if (--this.#depth === 0) {
        const seconds = (machineMs() - this.#sinceMs) / 1000;
        tally.add(this.part, "object GB-s", seconds * gigabytes);
        this.countRows();
      }
    }
  }

  ran(query: string, cursor: SqlStorageCursor<never>): void {
    this.#ran.push({ query, cursor });
  }

  countRows(): void {
    for (const { query, cursor } of this.#ran.splice(0)) {
      tally.add(this.part, "object rows read", cursor.rowsRead, headOf(query));
      tally.add(this.part, "object rows written", cursor.rowsWritten, headOf(query));
    }
  }
}

const headChars = 90;
export const headOf = (query: string): string =>
  query.replaceAll(/\s+/g, " ").trim().slice(0, headChars);

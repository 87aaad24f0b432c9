/**
 * Apple Health's export.xml, read where it is: gigabytes, so it is walked piece by piece and never
 * held. Records of the metrics that Singlet has become samples; all else is counted and left. Known
 * lies: nothing has an id; an offset is the phone's when it exported, and the instant is right all the
 * same; a share is written "%" and is a fraction of one; a pressure stands once in its correlation and
 * once more by itself (the same sample twice, which counts once); `device` holds an address in memory
 * that differs in each export.
 */
import { SaxesParser } from "saxes";
import { metrics, metricTable } from "../domain/samples/metrics.ts";
import type { SyncDevice, SyncSample } from "./sync-body.ts";

/** More errors than this before it begins and it is no such file; within it, what an app wrote is spoilt. */
const errorsMax = 100;
const idCharsMax = 200;

const typeOf = new Map<string, string>(
  metrics.flatMap((metric) => {
    const { healthKit } = metricTable[metric];
    return healthKit === null ? [] : [[healthKit, metric] as const];
  }),
);

/** Time in bed alone is no sleep; the parts of sleep are read by their names where they arrive. */
const inBed = "HKCategoryValueSleepAnalysisInBed";

export interface ExportCounts {
  /** Records that became samples. */
  samples: number;
  /** Records of what Singlet does not measure, by Apple's name. */
  readonly others: Map<string, number>;
  /** Records of a metric that lack a time or a value. */
  unreadable: number;
  workouts: number;
}

type Attributes = Readonly<Record<string, string>>;

export class AppleExport {
  readonly counts: ExportCounts = { samples: 0, others: new Map(), unreadable: 0, workouts: 0 };
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  readonly #since: string;
  #taken: SyncSample[] = [];
  #record: Attributes | null = null;
  #isEntered = false;
  #errors = 0;
  #isExport = false;
  #isWhole = false;

  /** `since`: a local date as it is written in the file; what ended before it is left out. */
  constructor(since = "") {
    this.#since = since;
    this.#parser.on("error", () => {
      this.#errors++;
    });
    this.#parser.on("opentag", ({ name, attributes }) =>
      this.#open(name, attributes as Attributes),
    );
    this.#parser.on("closetag", ({ name }) => {
      if (name === "Record") this.#close();
      else if (name === "HealthData") this.#isWhole = true;
    });
  }

  /** Samples that this piece completed. Throws when it is no such file. */
  take(piece: string): readonly SyncSample[] {
    this.#parser.write(piece);
    if (!this.#isExport && this.#errors > errorsMax)
      throw new Error("this is no export of Apple Health");
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }

  /** Whether it was one at all. */
  get isExport(): boolean {
    return this.#isExport;
  }

  /** Whether it came to its end. What breaks off in the middle has been read up to there. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  #open(name: string, attributes: Attributes): void {
    if (name === "HealthData") this.#isExport = true;
    else if (name === "Workout") this.counts.workouts++;
    else if (name === "Record") {
      this.#record = attributes;
      this.#isEntered = false;
    } else if (name === "MetadataEntry" && attributes.key === "HKWasUserEntered")
      this.#isEntered = attributes.value === "1";
  }

  #close(): void {
    const record = this.#record;
    this.#record = null;
    if (record === null) return;
    const { type = "", endDate = "" } = record;
    const metric = typeOf.get(type);
    if (metric === undefined) {
      this.counts.others.set(type, (this.counts.others.get(type) ?? 0) + 1);
      return;
    }
    if (endDate < this.#since) return;
    const sample = sampleOf(metric, record, this.#isEntered);
    if (sample === "not-measured") return;
    if (sample === null) this.counts.unreadable++;
    else {
      this.counts.samples++;
      this.#taken.push(sample);
    }
  }
}

function sampleOf(
  type: string,
  record: Attributes,
  isEntered: boolean,
): SyncSample | "not-measured" | null {
  const { value = "", unit = "", sourceName = "" } = record;
  const startDate = timeOf(record.startDate);
  const endDate = timeOf(record.endDate);
  if (startDate === null || endDate === null) return null;
  const measured = type === "sleep" ? stageOf(value) : amountOf(value, unit);
  if (measured === "not-measured" || measured === null) return measured;
  const sourceDevice = deviceOf(record, isEntered);
  return { type, ...measured, startDate, endDate, sourceDevice, sourceApp: cut(sourceName) };
}

const stageOf = (value: string) => (value === inBed ? ("not-measured" as const) : { value });

function amountOf(value: string, unit: string): { value: number; unit: string } | null {
  const amount = Number(value);
  if (value.trim() === "" || !Number.isFinite(amount)) return null;
  if (unit === "%") return { value: amount, unit: "fraction" };
  return { value: amount, unit: unit.startsWith("mmol<") ? "mmol/L" : unit };
}

const timePattern = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2}):?(\d{2})$/;

/** "2016-11-14 07:25:41 -0700" */
function timeOf(text = ""): string | null {
  const found = timePattern.exec(text);
  return found && `${found[1]}T${found[2]}${found[3]}:${found[4]}`;
}

const pattern = (name: string) => new RegExp(`, ${name}:([^,>]*(?:,\\d+)?)`);
const patterns = {
  name: pattern("name"),
  manufacturer: pattern("manufacturer"),
  model: pattern("model"),
  hardware: pattern("hardware"),
} as const;
const partOf = (device: string, part: keyof typeof patterns): string =>
  patterns[part].exec(device)?.[1]?.trim() ?? "";

const kinds: readonly (readonly [start: string, kind: string])[] = [
  ["Watch", "watch"],
  ["iPhone", "phone"],
];

/** What a person typed in is theirs, whatever device they typed it into. */
function deviceOf({ device = "", sourceName = "" }: Attributes, isEntered: boolean): SyncDevice {
  if (isEntered) return { id: "entered by hand", kind: "manual" };
  const [name, hardware] = [partOf(device, "name"), partOf(device, "hardware")];
  const said = [partOf(device, "manufacturer"), name, partOf(device, "model"), hardware];
  const id = said.some((part) => part !== "") ? said.join("/") : sourceName;
  const model = hardware || partOf(device, "model");
  const kind = kinds.find(([start]) => model.startsWith(start))?.[1] ?? "unknown";
  return { id: cut(id) || "Apple Health", kind, ...(model === "" ? {} : { model: cut(model) }) };
}

const cut = (text: string): string => text.slice(0, idCharsMax);

/** Apple Health's export as the browser reads it: slice by slice, counted, and honest about its end. */
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { Batch } from "../../../client/sync-body.ts";
import type { Reply } from "../../../client/sync-queue.ts";
import { type ImportCounts, runImport } from "../../../web/pages/workouts/apple-run.ts";

const record = (n: number) => {
  const at = (minute: number) =>
    `2026-11-14 ${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:00 +0100`;
  return `<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Läufer" unit="count" startDate="${at(n)}" endDate="${at(n + 1)}" value="${n}"/>\n`;
};
const other = '<Record type="HKQuantityTypeIdentifierDietaryWater" value="1"/>\n';
const exportOf = (n: number, more = "", end = "</HealthData>") =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<HealthData locale="de_DE">\n${Array.from({ length: n }, (_, i) => record(i)).join("")}${more}${end}`;

const taken = ({ samples }: Batch): Reply => ({
  ...{ status: 200, retryAfterMs: null },
  text: JSON.stringify({
    ...{ synced: samples, duplicates: 0, corrected: 0, deleted: 0, errors: 0, errorDetails: [] },
  }),
});

async function run(file: Blob, answer: (batch: Batch) => Reply | null = taken) {
  const batches: Batch[] = [];
  const told: ImportCounts[] = [];
  const ports = {
    async send(batch: Batch) {
      batches.push(batch);
      const reply = answer(batch);
      if (reply === null) throw new Error("no network");
      return reply;
    },
    sleep: async () => {},
    random: () => 0.5,
  };
  const end = await runImport(file, ports, (counts) => told.push(counts));
  const values = batches.flatMap(({ body }) =>
    JSON.parse(body).samples.map(({ value }: { value: number }) => value),
  );
  return { end, batches, told, counts: told.at(-1), values };
}

describe("Apple Health's export in the browser", () => {
  it("is read whole and sent in batches, in its order, with what it found and left", async () => {
    const text = exportOf(4_000, `${other}<Workout/>`);
    const file = new Blob([text]);
    const { end, batches, counts, values } = await run(file);
    expect(end).toBe("done");
    expect(batches.map(({ samples }) => samples)).toEqual([1_500, 1_500, 1_000]);
    expect(values).toEqual(Array.from({ length: 4_000 }, (_, i) => i));
    expect(counts).toEqual({
      ...{ read: file.size, size: file.size, found: 4_000, sent: 4_000, added: 4_000 },
      ...{ known: 0, corrected: 0, refused: 0, unreadable: 0, others: 1, workouts: 1 },
    });
  });

  it("tells how far it is while it reads, and sends before it has read all", async () => {
    const file = new Blob([exportOf(4_000)]);
    const { told } = await run(file);
    const reads = told.map(({ read }) => read);
    expect(reads).toEqual([...reads].sort((a, b) => a - b));
    expect(new Set(reads).size).toBeGreaterThan(3);
    expect(told.some(({ read, size, sent }) => read < size && sent > 0)).toBe(true);
  });

  it("is the same out of a ZIP, without the clinical documents beside it", async () => {
    const zip = zipSync({
      "apple_health_export/export.xml": strToU8(exportOf(2_000)),
      "apple_health_export/export_cda.xml": strToU8(exportOf(5)),
    });
    const { end, counts } = await run(new Blob([zip as BlobPart]));
    expect([end, counts?.found, counts?.sent]).toEqual(["done", 2_000, 2_000]);
  });

  it("says what it is not, where it breaks off, and that it is damaged", async () => {
    expect((await run(new Blob(["<gpx/>"]))).end).toBe("no-export");
    expect((await run(new Blob([""]))).end).toBe("no-export");
    const zip = zipSync({ "export.xml": strToU8(exportOf(2_000)) });
    const spoilt = zip.fill(0xff, 41, 141);
    expect((await run(new Blob([spoilt as BlobPart]))).end).toBe("damaged");
    const broken = await run(new Blob([exportOf(10, "", "")]));
    expect([broken.end, broken.counts?.sent]).toEqual(["broken-off", 10]);
  });

  it("sends all that it read before the damage", async () => {
    const zip = zipSync({ "export.xml": strToU8(exportOf(60_000)) });
    const at = Math.floor(zip.length * 0.7);
    const { end, counts } = await run(new Blob([zip.fill(0xff, at, at + 500) as BlobPart]));
    expect(end).toBe("damaged");
    expect(counts?.found).toBeGreaterThan(0);
    expect(counts?.sent).toBe(counts?.found);
  });

  it("ends where nobody answers or nobody is signed in, and has sent nothing twice", async () => {
    const file = new Blob([exportOf(4_000)]);
    expect((await run(file, () => null)).end).toBe("offline");
    let answered = 0;
    const out = { status: 401, text: "", retryAfterMs: null };
    const { end, counts } = await run(file, (batch) => (answered++ === 0 ? taken(batch) : out));
    expect([end, counts?.sent]).toEqual(["signed-out", 1_500]);
  });

  it("counts a batch that is refused whole as refused, and goes on", async () => {
    let answered = 0;
    const no = { status: 422, text: "{}", retryAfterMs: null };
    const { end, counts } = await run(new Blob([exportOf(2_000)]), (batch) =>
      answered++ === 0 ? no : taken(batch),
    );
    expect([end, counts?.added, counts?.refused]).toEqual(["done", 500, 1_500]);
  });
});

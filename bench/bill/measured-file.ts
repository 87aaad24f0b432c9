/** The last bill as the product knows it: `domain/bill-measured.ts`, written with the page. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Measured, MeasuredOf } from "../../domain/bill.ts";

const file = join(import.meta.dirname, "../../domain/bill-measured.ts");

const head = `/**
 * What a million of each came to when it was last counted: part, unit, units; \`rest\`: dollars of all
 * that is too little for a line. Written by \`npm run bench -- bill --write\`, with docs/bill.md.
 */
`;

export const measuredText = (measured: Measured): string =>
  [
    `${head}export const measured = {`,
    ...Object.entries(measured).flatMap(([of, { lines, rest }]: [string, MeasuredOf]) => [
      `  ${of}: {`,
      "    lines: [",
      ...lines.map(([part, unit, units]) => `      ["${part}", "${unit}", ${units}],`),
      "    ],",
      `    rest: ${rest},`,
      "  },",
    ]),
    "} as const;\n",
  ].join("\n");

export const writeMeasured = (measured: Measured): Promise<void> =>
  writeFile(file, measuredText(measured));

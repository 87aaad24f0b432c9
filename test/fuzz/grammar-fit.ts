/**
 * FIT by its grammar: headers of both lengths, definitions in both byte orders with fields of every
 * base type and of developers, data under definitions that are there (and now and then are not),
 * compressed times, chained files, checksums right or wrong. What it says is mostly an activity.
 */

import { fitCrc, fitTime } from "../fakes/fit-file.ts";
import type { Chance } from "../oracle/chance.ts";

interface Field {
  readonly number: number;
  readonly bytes: number;
  readonly base: number;
}
interface Definition {
  readonly global: number;
  readonly isBig: boolean;
  readonly fields: readonly Field[];
  readonly developerBytes: number;
}

/** Byte of a base type, and its width (FIT protocol, table of base types). */
const bases: readonly (readonly [base: number, width: number])[] = [
  ...([
    [0x00, 1],
    [0x01, 1],
    [0x02, 1],
    [0x83, 2],
    [0x84, 2],
    [0x85, 4],
    [0x86, 4],
  ] as const),
  ...([
    [0x07, 8],
    [0x88, 4],
    [0x89, 8],
    [0x0a, 1],
    [0x8b, 2],
    [0x8c, 4],
    [0x0d, 3],
  ] as const),
  ...([
    [0x8e, 8],
    [0x8f, 8],
    [0x90, 8],
  ] as const),
];
/** file_id, session, lap, record, event, device_info, activity, hr, developer's two, and none. */
const globals = [0, 18, 19, 20, 20, 20, 21, 23, 34, 132, 206, 207, 0xff00, 0xffff];
/** Fields that an activity has, with their usual base and width. */
const known: Readonly<Record<number, readonly Field[]>> = Object.fromEntries(
  (
    [
      [
        0,
        [
          [0, 1, 0x00],
          [1, 2, 0x84],
          [2, 2, 0x84],
          [3, 4, 0x8c],
          [4, 4, 0x86],
        ],
      ],
      [
        18,
        [
          [253, 4, 0x86],
          [2, 4, 0x86],
          [7, 4, 0x86],
          [8, 4, 0x86],
          [9, 4, 0x86],
          [5, 1, 0x00],
        ],
      ],
      [
        19,
        [
          [253, 4, 0x86],
          [2, 4, 0x86],
          [7, 4, 0x86],
          [8, 4, 0x86],
          [9, 4, 0x86],
        ],
      ],
      [
        20,
        [
          [253, 4, 0x86],
          [0, 4, 0x85],
          [1, 4, 0x85],
          [3, 1, 0x02],
          [5, 4, 0x86],
        ],
      ],
      [
        34,
        [
          [253, 4, 0x86],
          [5, 4, 0x86],
        ],
      ],
      [
        206,
        [
          [0, 1, 0x02],
          [1, 1, 0x02],
          [2, 1, 0x02],
          [3, 8, 0x07],
        ],
      ],
    ] as const
  ).map(([global, fields]) => [
    global,
    fields.map(([number, bytes, base]) => ({ number, bytes, base })),
  ]),
);
const startMs = Date.UTC(2026, 9, 14, 6);
const messagesMax = 40;
const chainedMax = 25;

export function fitBy(chance: Chance): Uint8Array {
  const files = chance.in100(5) ? chance.whole(2, chainedMax) : 1;
  return Uint8Array.from(Array.from({ length: files }, () => [...oneFile(chance)]).flat());
}

function oneFile(chance: Chance): Uint8Array {
  const data = Array.from(messages(chance)).flat();
  const headerBytes = chance.in100(80) ? 14 : 12;
  const said = chance.in100(90) ? data.length : chance.pick([0, data.length - 1, 0xffffffff, 7]);
  const header = Buffer.alloc(headerBytes);
  header[0] = chance.in100(95) ? headerBytes : chance.whole(0, 255);
  header[1] = chance.pick([0x10, 0x20, 0xff]);
  header.writeUInt16LE(chance.pick([2_132, 0, 0xffff]), 2);
  header.writeUInt32LE(said >>> 0, 4);
  header.write(chance.in100(97) ? ".FIT" : ".FIX", 8, "latin1");
  if (headerBytes === 14) header.writeUInt16LE(fitCrc(header.subarray(0, 12)), 12);
  const whole = Buffer.concat([header, Buffer.from(data)]);
  const crc = Buffer.alloc(2);
  crc.writeUInt16LE(chance.in100(85) ? fitCrc(whole) : chance.whole(0, 0xffff));
  return Buffer.concat([whole, crc]);
}

function* messages(chance: Chance): Generator<number[]> {
  const defined = new Map<number, Definition>();
  let second = 0;
  for (let n = chance.whole(2, messagesMax); n > 0; n--) {
    const local = chance.whole(0, chance.in100(80) ? 3 : 15);
    const definition = defined.get(local);
    if (definition === undefined || chance.in100(15)) {
      const made = definitionBy(chance);
      defined.set(local, made);
      yield written(local, made, chance);
      if (chance.in100(90)) continue;
    }
    const about = defined.get(local);
    if (about === undefined) continue;
    const isCompressed = chance.in100(8) && local < 4;
    const head = isCompressed ? 0x80 | (local << 5) | chance.whole(0, 31) : local;
    second += chance.whole(0, 60);
    yield [head, ...dataBy(chance, about, second)];
  }
}

function definitionBy(chance: Chance): Definition {
  const global = chance.pick(globals);
  const usual = chance.in100(75) ? (known[global] ?? []) : [];
  const others = Array.from({ length: chance.whole(0, usual.length > 0 ? 2 : 6) }, () => {
    const [base, width] = chance.pick(bases);
    const bytes = chance.in100(85) ? width : chance.whole(0, 255);
    return { number: chance.whole(0, 255), bytes, base: chance.in100(95) ? base : 0x7f };
  });
  const developerBytes = chance.in100(10) ? chance.whole(0, 20) : 0;
  return { global, isBig: chance.in100(30), fields: [...usual, ...others], developerBytes };
}

function written(local: number, definition: Definition, chance: Chance): number[] {
  const { global, isBig, fields, developerBytes } = definition;
  const [high, low] = [global >> 8, global & 0xff];
  const developer = developerBytes > 0 ? [1, chance.whole(0, 3), developerBytes, 0] : [];
  return [
    0x40 | (developerBytes > 0 ? 0x20 : 0) | local,
    ...[0, isBig ? 1 : 0, ...(isBig ? [high, low] : [low, high]), fields.length],
    ...fields.flatMap(({ number, bytes, base }) => [number, bytes, base]),
    ...developer,
  ];
}

/** Times that follow each other, and values that are right, at their bounds or anything. */
function dataBy(chance: Chance, { fields, isBig, developerBytes }: Definition, second: number) {
  const values = fields.flatMap(({ number, bytes, base }) => {
    const isTime = (number === 253 || number === 2 || number === 4) && base === 0x86;
    const isRight = isTime && bytes === 4 && chance.in100(90);
    const n = isRight ? fitTime(startMs + second * 1000) : valueBy(chance);
    const all = Array.from({ length: bytes }, (_, i) =>
      i < 4 ? (n >>> (8 * i)) & 0xff : n & 0xff,
    );
    return isBig ? all.reverse() : all;
  });
  return [...values, ...Array.from({ length: developerBytes }, () => chance.whole(0, 255))];
}

const valueBy = (chance: Chance): number =>
  chance.in100(50)
    ? chance.pick([0, 1, 2, 4, 255, 0x7fffffff, 0xffffffff, 0x80000000, 1000, 3_600_000])
    : chance.whole(0, 0xffffffff);

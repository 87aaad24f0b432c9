/**
 * Notices and deliveries → calls → what was recorded, as a drawing: boxes in three columns and the
 * lines between them. A line's width grows with the number of digits, for one provider has ten and the
 * next has millions; nothing at all is a hairline. Pure: numbers in, places out.
 */
import { callsOf, type Gate } from "./figures.ts";

export const flowSize = { width: 360, height: 176 } as const;
const box = { width: 104, height: 48 } as const;
const columnX = { left: 0, middle: 120, right: flowSize.width - box.width } as const;
const rowY = [4, 64, 124] as const;
/** Where deliveries and what was called for meet, before it is told what came of them. */
const meeting = { x: 238, y: flowSize.height / 2 } as const;
const strokeMin = 1;
const strokeMax = 10;
const strokeByDigit = 2;

export interface FlowBox {
  readonly name: string;
  readonly n: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly mood: "plain" | "good" | "warn";
}
interface FlowLine {
  readonly key: string;
  readonly path: string;
  readonly width: number;
}
export interface Flow {
  readonly boxes: readonly FlowBox[];
  readonly lines: readonly FlowLine[];
}

export const strokeOf = (n: number): number =>
  n <= 0 ? strokeMin : Math.min(strokeMax, strokeMin + strokeByDigit * (1 + Math.log10(n)));

type Place = readonly [x: number, y: number];

/** Leaves and arrives level, whatever lies between. */
function curve([x1, y1]: Place, [x2, y2]: Place): string {
  const bend = (x1 + x2) / 2;
  return `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
}

const boxAt = (
  name: string,
  n: number,
  x: number,
  row: 0 | 1 | 2,
  mood: FlowBox["mood"] = "plain",
): FlowBox => ({ name, n, x, y: rowY[row], ...box, mood });

const leftOf = (to: FlowBox): Place => [to.x, to.y + to.height / 2];
const rightOf = (from: FlowBox): Place => [from.x + from.width, from.y + from.height / 2];

export function flowOf({
  door,
  recorded,
  ...gate
}: Pick<Gate, "door" | "recorded" | "calls">): Flow {
  const calls = callsOf(gate as Gate);
  const items = boxAt("Items delivered", door.items, columnX.left, 0);
  const notices = boxAt("Notices", door.notices, columnX.left, 1);
  const called = boxAt("Calls", calls, columnX.middle, 1);
  const out = [
    boxAt("Recorded", recorded.recorded, columnX.right, 0, "good"),
    boxAt("Known before", recorded.duplicates, columnX.right, 1),
    boxAt("Parked", recorded.parked, columnX.right, 2, recorded.parked > 0 ? "warn" : "plain"),
  ];
  const meet: Place = [meeting.x, meeting.y];
  return {
    boxes: [items, notices, called, ...out],
    lines: [
      { key: "items", path: curve(rightOf(items), meet), width: strokeOf(door.items) },
      {
        key: "notices",
        path: curve(rightOf(notices), leftOf(called)),
        width: strokeOf(door.notices),
      },
      { key: "calls", path: curve(rightOf(called), meet), width: strokeOf(calls) },
      ...out.map((to) => ({ key: to.name, path: curve(meet, leftOf(to)), width: strokeOf(to.n) })),
    ],
  };
}

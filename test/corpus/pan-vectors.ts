/**
 * Judges the search for card numbers, in the runtime it ships on: each number is found in the file's
 * spelling of it, and in every spelling of our own; of what only looks like one hardly any is.
 */
import { findCardNumbers } from "../../domain/cards/find.ts";
import { everySpelling } from "../domain/card-spellings.ts";
import type { Judged, Wrong } from "./vector-worker.ts";

/** Of all lookalikes. */
const alarmsMax = 0.005;

interface Numbers {
  readonly items: readonly {
    readonly pan: string;
    readonly variant: string;
    readonly text: string;
  }[];
}
interface Lookalikes {
  readonly items: readonly { readonly kind: string; readonly text: string }[];
}

const misses = (texts: readonly string[], pan: string): string[] =>
  texts.filter((text) => !findCardNumbers(text).includes(pan));

function judgeNumbers({ items }: Numbers): Judged {
  const wrong: Wrong[] = items.flatMap(({ pan, variant, text }, i) =>
    misses([text], pan).map(() => ({ tcId: i + 1, why: `${variant} is not found` })),
  );
  let spellings = 0;
  for (const pan of new Set(items.map((item) => item.pan))) {
    const texts = everySpelling(pan);
    spellings += texts.length;
    for (const text of misses(texts, pan))
      wrong.push({
        tcId: items.findIndex((item) => item.pan === pan) + 1,
        why: JSON.stringify(text),
      });
  }
  return {
    ...{ cases: items.length + spellings, wrong },
    notes: [`${items.length} spellings of the file's, ${spellings} of our own`],
  };
}

function judgeLookalikes({ items }: Lookalikes): Judged {
  const kinds = new Map<string, { alarms: number; all: number }>();
  const alarms: Wrong[] = [];
  items.forEach(({ kind, text }, i) => {
    const of = kinds.get(kind) ?? { alarms: 0, all: 0 };
    kinds.set(kind, of);
    of.all++;
    if (findCardNumbers(text).length === 0) return;
    of.alarms++;
    alarms.push({ tcId: i + 1, why: `${kind} is taken for a card number` });
  });
  const rate = alarms.length / items.length;
  const percent = (n: number, all: number) => `${((100 * n) / all).toFixed(2)} %`;
  const each = [...kinds].filter(([, of]) => of.alarms > 0);
  return {
    ...{ cases: items.length, wrong: rate > alarmsMax ? alarms : [] },
    notes: [
      `${alarms.length} false alarms of ${items.length}: ${percent(alarms.length, items.length)}`,
      ...each.map(
        ([kind, of]) => `${kind}: ${of.alarms} of ${of.all}, ${percent(of.alarms, of.all)}`,
      ),
    ],
  };
}

export const panJudges: Readonly<Record<string, (text: string) => Judged>> = {
  "pan/test-pans.json": (text) => judgeNumbers(JSON.parse(text)),
  "pan/lookalikes.json": (text) => judgeLookalikes(JSON.parse(text)),
};

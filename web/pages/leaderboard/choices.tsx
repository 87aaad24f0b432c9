/** Choosing a board, a period, and among whom. Each choice is an address. */
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { Button, Pick, Segments } from "../../design/controls.tsx";
import { familyName, measureName } from "./amounts.ts";
import {
  type Choice,
  choiceOf,
  everybody,
  friends,
  lengthOf,
  measures,
  type PeriodLength,
  periodDays,
  periodName,
  runningPeriod,
  searchOf,
  stepsFrom,
} from "./choice.ts";

export interface Chosen {
  readonly choice: Choice;
  choose(change: Partial<Choice>): void;
}

export function useChoice(nowMs: number): Chosen {
  const search = useSearch();
  const [at, go] = useLocation();
  const choice = useMemo(() => choiceOf(new URLSearchParams(search), nowMs), [search, nowMs]);
  return {
    choice,
    choose: (change) => go(`${at}${searchOf({ ...choice, ...change }, nowMs)}`),
  };
}

interface BoardChoiceProps extends Chosen {
  /** Those that there are boards of; empty: not known yet. */
  readonly families: readonly string[];
  /** Null: who looks is in none, and follows nobody. */
  readonly teams: readonly { readonly id: string; readonly name: string }[] | null;
}

export function BoardChoice({ choice, choose, families, teams }: BoardChoiceProps) {
  const known = families.includes(choice.family) ? families : [choice.family, ...families];
  return (
    <div className="choices">
      <Segments
        label="Measure"
        choices={measures.map((id) => ({ id, name: measureName(id) }))}
        value={choice.measure}
        onChange={(measure) => choose({ measure })}
      />
      <Pick
        label="Activity"
        isLabelHidden
        choices={known.map((id) => ({ id, name: familyName(id) }))}
        value={choice.family}
        onChange={(family) => choose({ family })}
      />
      {teams === null ? null : (
        <Pick
          label="Among"
          isLabelHidden
          choices={amongWhom(choice.among, teams)}
          value={choice.among}
          onChange={(among) => choose({ among })}
        />
      )}
    </div>
  );
}

function amongWhom(among: string, teams: readonly { id: string; name: string }[]) {
  const fixed = [
    { id: everybody, name: "Everybody" },
    { id: friends, name: "Those I follow" },
  ];
  const all = [...fixed, ...teams.map(({ id, name }) => ({ id, name: `Team ${name}` }))];
  return all.some(({ id }) => id === among) ? all : [...all, { id: among, name: "A team" }];
}

const lengths: readonly { readonly id: PeriodLength; readonly name: string }[] = [
  { id: "week", name: "Week" },
  { id: "month", name: "Month" },
  { id: "all", name: "All time" },
];

export function PeriodChoice({ choice, choose, nowMs }: Chosen & { readonly nowMs: number }) {
  const { period } = choice;
  const length = lengthOf(period);
  const { back, on } = stepsFrom(period, nowMs);
  return (
    <div className="periods">
      <Segments
        label="Period"
        choices={lengths}
        value={length}
        onChange={(to) => choose({ period: runningPeriod(to, nowMs) })}
      />
      <div className="stepper">
        <Button
          aria-label={`The ${length} before`}
          isDisabled={back === null}
          onPress={() => back === null || choose({ period: back })}
        >
          <span aria-hidden="true">‹</span>
        </Button>
        <p role="status">
          <b>{periodName(period, nowMs)}</b>
          <span className="small soft">{periodDays(period)}</span>
        </p>
        <Button
          aria-label={`The ${length} after`}
          isDisabled={on === null}
          onPress={() => on === null || choose({ period: on })}
        >
          <span aria-hidden="true">›</span>
        </Button>
      </div>
    </div>
  );
}

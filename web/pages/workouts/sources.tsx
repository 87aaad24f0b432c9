/** The records that a workout was folded from, why they are one, and taking some of them out. */
import { useState } from "react";
import { Link } from "wouter";
import { idOf } from "../../../domain/workouts/workout-id.ts";
import { Card, type Loaded } from "../../design/card.tsx";
import { Button, Check } from "../../design/controls.tsx";
import { lasting, wallTime } from "../../design/format.ts";
import { typeName } from "../../readings/type-name.ts";
import type { useTitles } from "../../session/provider-titles.ts";
import type { DecidedAnswer } from "./decided.tsx";
import { Splitting } from "./split.tsx";
import { deviceOf, distance, type Source, type Workout } from "./values.ts";

type Names = ReturnType<typeof useTitles>;

interface SourcesProps {
  readonly query: Loaded<Workout>;
  readonly names: Names;
  readonly onSplit: (decided: DecidedAnswer) => void;
}

export function Sources({ query, names, onSplit }: SourcesProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const count = query.data?.sources.length ?? 0;
  const choose = (record: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(record);
    else next.delete(record);
    setChosen(next);
  };
  return (
    <Card
      id="sources"
      title={count > 1 ? `${count} sources, counted once` : "Source"}
      query={query}
      others={[names.query]}
      rows={12}
      aside={
        count > 1 && chosen === null ? (
          <Button kind="quiet" onPress={() => setChosen(new Set())}>
            Split
          </Button>
        ) : null
      }
    >
      {(workout) => (
        <>
          {chosen === null ? null : (
            <Splitting
              workout={workout}
              chosen={workout.sources.map((s) => s.record).filter((r) => chosen.has(r))}
              onEnd={(decided) => {
                setChosen(null);
                if (decided !== null) onSplit(decided);
              }}
            />
          )}
          <ul className="plain">
            {workout.sources.map((source) => (
              <SourceRow
                key={source.record}
                source={source}
                workout={workout}
                nameOf={names.nameOf}
                isChosen={chosen?.has(source.record) ?? null}
                onChoose={(isChosen) => choose(source.record, isChosen)}
              />
            ))}
          </ul>
          <Reasons title="Why they are one" reasons={workout.joined} workout={workout} />
          <Reasons
            title="What lies near and is another"
            reasons={workout.apart}
            workout={workout}
          />
        </>
      )}
    </Card>
  );
}

interface SourceRowProps {
  readonly source: Source;
  readonly workout: Workout;
  readonly nameOf: Names["nameOf"];
  readonly isChosen: boolean | null;
  readonly onChoose: (isChosen: boolean) => void;
}

function SourceRow({ source, workout, nameOf, isChosen, onChoose }: SourceRowProps) {
  const device = deviceOf(source);
  const what = (
    <span className="source-what">
      <span>
        <strong>{nameOf(source.provider)}</strong>
        {device === null ? null : <span className="soft"> · {device}</span>}
        {source.type === workout.type ? null : <span> · {typeName(source.type)}</span>}
      </span>
      <span className="small">
        {wallTime(source.start)}, {lasting(source.elapsedMs)}
        {source.distanceMm === null ? null : `, ${distance(source.distanceMm, workout.family)}`}
      </span>
    </span>
  );
  return (
    <li className="source-row">
      {isChosen === null ? (
        what
      ) : (
        <Check isSelected={isChosen} onChange={onChoose}>
          {what}
        </Check>
      )}
    </li>
  );
}

interface ReasonsProps {
  readonly title: string;
  readonly reasons: Workout["joined"];
  readonly workout: Workout;
}

function Reasons({ title, reasons, workout }: ReasonsProps) {
  if (reasons.length === 0) return null;
  const own = new Set(workout.sources.map(({ record }) => record));
  return (
    <section className="stack reasons">
      <h3>{title}</h3>
      <ul className="small">
        {reasons.map(({ records, rule, because }) => {
          const other = records.find((record) => !own.has(record));
          return (
            <li key={`${rule} ${records.join(" ")}`}>
              {because}{" "}
              {other === undefined ? null : (
                <Link href={`/workouts/${idOf(other as Parameters<typeof idOf>[0])}`}>
                  The other one
                </Link>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Going from day to day, or from one stretch of days to the next: links, and a field for any day. */
import { type KeyboardEvent, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { LocalDate } from "../../../domain/time.ts";
import { Field } from "../../design/controls.tsx";
import { firstDay, isShownDay, type Span, turned } from "./days.ts";

interface TurnProps {
  readonly span: Span;
  readonly date: LocalDate;
  readonly today: LocalDate;
  /** Where that day is shown. */
  readonly to: (date: LocalDate) => string;
}

export function Turn({ span, date, today, to }: TurnProps) {
  const [, go] = useLocation();
  const [before, after] = [turned(span, date, -1, today), turned(span, date, 1, today)];
  // Only while one of them has the focus: elsewhere the arrows are the browser's.
  const onKeyDown = ({ key }: KeyboardEvent) => {
    const there = key === "ArrowLeft" ? before : key === "ArrowRight" ? after : null;
    if (there !== null) go(to(there));
  };
  return (
    <nav className="row turn" aria-label="Days">
      <Step way="Previous" span={span} to={before && to(before)} onKeyDown={onKeyDown} />
      <Step way="Next" span={span} to={after && to(after)} onKeyDown={onKeyDown} />
      <AnyDay date={date} today={today} onDay={(day) => go(to(day))} />
      {date === today ? null : (
        <Link className="button plain" href={to(today)}>
          Today
        </Link>
      )}
    </nav>
  );
}

interface StepProps {
  readonly way: "Previous" | "Next";
  readonly span: Span;
  readonly to: string | null;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** Kept in place at the end of days, so that the focus is not lost there. */
function Step({ way, span, to, onKeyDown }: StepProps) {
  const mark = way === "Previous" ? "‹" : "›";
  const words = `${way} ${span}`;
  return (
    <Link
      className="button plain step"
      href={to ?? "#"}
      aria-label={words}
      title={words}
      aria-disabled={to === null}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        if (to === null) event.preventDefault();
      }}
    >
      <span aria-hidden="true">{mark}</span>
    </Link>
  );
}

interface AnyDayProps {
  readonly date: LocalDate;
  readonly today: LocalDate;
  readonly onDay: (date: LocalDate) => void;
}

/** What is being typed is no day yet, and stays in the field until it is one. */
function AnyDay({ date, today, onDay }: AnyDayProps) {
  const [typed, setTyped] = useState<string>(date);
  useEffect(() => setTyped(date), [date]);
  const change = (text: string) => {
    setTyped(text);
    if (text !== date && isShownDay(text, today)) onDay(text);
  };
  return (
    <Field label="Date" type="date" value={typed} onChange={change} min={firstDay} max={today} />
  );
}

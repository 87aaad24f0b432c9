/**
 * The one shape in which anything that was asked for is shown: its title, its state (card-state.ts)
 * and, where there is something, its content. Its height is held while it loads, so that nothing
 * below it moves.
 */
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Problem } from "../api/problem.ts";
import { type CardSaid, cardState, type Looked } from "./card-state.ts";
import { Button } from "./controls.tsx";
import { clockTime } from "./format.ts";

export interface Loaded<T> extends Looked<T> {
  /** False: there is nothing to ask for yet, or for this looker; told otherwise, it would ask. */
  readonly isEnabled?: boolean;
  refetch(): unknown;
}

export interface CardProps<T> {
  /** Unlike any other's on its page: tests and links find the card by it. */
  readonly id: string;
  readonly title: ReactNode;
  readonly query: Loaded<T>;
  readonly others?: readonly Loaded<unknown>[];
  readonly isEmpty?: (data: T) => boolean;
  /** What to say, and to offer, when there is none. */
  readonly empty?: ReactNode;
  readonly missing?: (data: T) => string | null;
  /** At the right of the title: a filter, a button. */
  readonly aside?: ReactNode;
  /** Rows of text that are held while it loads. */
  readonly rows?: number;
  readonly className?: string;
  readonly children: (data: T) => ReactNode;
}

const rowRem = 2.2;

export function Card<T>(props: CardProps<T>) {
  const { id, title, query, others = [], aside, rows = 3, className = "" } = props;
  const heading = useId();
  const wasShown = useRef(false);
  const said = cardState({
    main: query,
    others,
    isEmpty: props.isEmpty ?? (() => false),
    missing: props.missing ?? (() => null),
    wasShown: wasShown.current,
  });
  const isShown = query.data !== undefined && said.state !== "loading";
  useEffect(() => {
    if (isShown) wasShown.current = true;
  }, [isShown]);
  const again = () => {
    for (const each of [query, ...others]) if (each.isEnabled !== false) void each.refetch();
  };
  return (
    <section
      className={`card ${className}`}
      id={id}
      data-card={id}
      data-state={said.state}
      aria-labelledby={heading}
      aria-busy={said.state === "loading"}
    >
      <header>
        <h2 id={heading}>{title}</h2>
        {aside}
      </header>
      <div className="stack" style={{ minHeight: `${rows * rowRem}rem` }}>
        <Said said={said} query={query} again={again} />
        {query.data === undefined || !isShown
          ? null
          : (props.isEmpty?.(query.data) ?? false)
            ? (props.empty ?? <p className="soft">There is nothing here yet.</p>)
            : props.children(query.data)}
      </div>
    </section>
  );
}

interface SaidProps {
  readonly said: CardSaid;
  readonly query: Looked;
  readonly again: () => void;
}

function Said({ said: { state, missing }, query, again }: SaidProps) {
  if (state === "loading")
    return (
      <div className="holding" role="status">
        <div className="bar" />
        <div className="bar" />
        <div className="bar" />
        <span className="only-read">Loading</span>
      </div>
    );
  const retry = (
    <Button kind="quiet" onPress={again}>
      Try again
    </Button>
  );
  if (state === "offline")
    return (
      <div className="note" role="status">
        You are offline, and this was not seen before. {retry}
      </div>
    );
  if (state === "error")
    return (
      <div className="note bad" role="alert">
        <WhatFailed error={query.error} /> {retry}
      </div>
    );
  if (state === "stale")
    return (
      <div className="note warn" role="status">
        As of {clockTime(query.dataUpdatedAt)}; it could not be looked up again. {retry}
      </div>
    );
  if (state === "partial")
    return (
      <div className="note warn" role="status">
        {missing} {retry}
      </div>
    );
  return null;
}

/** What went wrong, in the API's words, and what to name when one asks about it. */
export function WhatFailed({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  const id = error instanceof Problem ? error.requestId : null;
  return (
    <span>
      {error.message}
      {id === null ? null : (
        <>
          {" "}
          <small className="soft">Request {id}</small>
        </>
      )}
    </span>
  );
}

/**
 * A card of readings that nobody looks at by accident: it says what opening it means, and asks for
 * nothing before somebody opens it.
 */
import { type ReactNode, useId, useState } from "react";
import { Card, type CardProps, type Loaded } from "../design/card.tsx";
import { Button } from "../design/controls.tsx";

interface OpenedProps<T> extends Omit<CardProps<T>, "query" | "aside"> {
  /** What the button says: what is shown. */
  readonly show: string;
  readonly query: Loaded<T>;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  /** Without asking it is known that there is none; what to say then. */
  readonly none: ReactNode | null;
  /** What opening it means. */
  readonly about?: string;
}

const ownLook = "It lies sealed. Looking is logged, also when it is you who looks.";

const nothing: Loaded<null> = { data: null, error: null, dataUpdatedAt: 0, refetch: () => {} };

export function Opened<T>(props: OpenedProps<T>) {
  const { show, isOpen, onOpen, none, about = ownLook, ...card } = props;
  const heading = useId();
  if (none !== null)
    return (
      <Card id={card.id} title={card.title} query={nothing} isEmpty={() => true} empty={none}>
        {() => null}
      </Card>
    );
  if (isOpen)
    return (
      <Card
        {...card}
        aside={
          <Button kind="quiet" onPress={() => void card.query.refetch()}>
            Look again
          </Button>
        }
      />
    );
  return (
    <section className="card" data-card={card.id} data-state="closed" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{card.title}</h2>
      </header>
      <p className="small soft">{about}</p>
      <div>
        <Button onPress={onOpen}>{show}</Button>
      </div>
    </section>
  );
}

/** Closed until it is opened, for as long as the page stays. */
export function useOpened() {
  const [isOpen, setOpen] = useState(false);
  return { isOpen, onOpen: () => setOpen(true) };
}

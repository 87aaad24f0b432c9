/** What stands before the first look at a member: that it is logged, and what it is for. */
import { useId, useState } from "react";
import { purposeWords } from "../../consents/column-words.ts";
import { Button, Segments } from "../../design/controls.tsx";
import type { Purpose } from "./grants.ts";

interface ReminderProps {
  readonly name: string;
  /** Those that the member consented to; empty: not known. */
  readonly purposes: readonly Purpose[];
  readonly onLook: (purpose: Purpose) => void;
}

export function Reminder({ name, purposes, onLook }: ReminderProps) {
  const heading = useId();
  const choices = (purposes.length === 0 ? (["coaching"] as const) : purposes).map((id) => ({
    id,
    name: purposeWords[id],
  }));
  const [chosen, choose] = useState<Purpose | null>(null);
  const purpose = chosen ?? choices[0]?.id ?? "coaching";
  return (
    <section className="card" aria-labelledby={heading} data-reminder="">
      <h2 id={heading}>Looking is logged</h2>
      <p>
        {name} sees in their log that it was you, when, what you looked at and what for. Look at
        what you need, and no more. Nothing was asked for yet.
      </p>
      <div className="row">
        <Segments label="What you look for" choices={choices} value={purpose} onChange={choose} />
      </div>
      <div>
        <Button kind="main" onPress={() => onLook(purpose)}>
          Look, on the record
        </Button>
      </div>
    </section>
  );
}

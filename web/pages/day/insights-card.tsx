/** What the last three months show. Taking note of one puts it away until there is news of it. */
import { useState } from "react";
import type { Answer } from "../../api/client.ts";
import { useApi, useDeed } from "../../api/queries.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Badge, Button } from "../../design/controls.tsx";
import { dayName, number } from "../../design/format.ts";
import { type Day, together } from "./use-day.ts";

type Insight = Answer<"GET /v1/insights">["items"][number];

const kinds: Readonly<Record<Insight["kind"], string>> = {
  trend: "Trend",
  streak: "Streak",
  "sleep-debt": "Sleep",
  unusual: "Unusual",
};
const whole = 100;

export function InsightsCard({ day: { connections, lack } }: { readonly day: Day }) {
  const insights = useApi("GET /v1/insights", undefined, { kept: true });
  return (
    <Card
      {...{ id: "insights", title: "Insights", rows: 4 }}
      query={together(insights, [connections])}
      others={[connections]}
      missing={() => lack}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          Nothing stands out. Insights compare your last three months with your own past and goals,
          so they come once a few weeks were measured.
        </p>
      }
    >
      {({ items }) => <Insights items={items} />}
    </Card>
  );
}

function Insights({ items }: { readonly items: readonly Insight[] }) {
  const [noted, setNoted] = useState("");
  const isNew = items.filter(({ acknowledged }) => !acknowledged);
  const isKnown = items.filter(({ acknowledged }) => acknowledged);
  return (
    <>
      {isNew.length === 0 ? <p className="soft">You took note of everything.</p> : null}
      <ul className="plain stack">
        {isNew.map((insight) => (
          <One key={insight.id} insight={insight} onNoted={setNoted} />
        ))}
      </ul>
      {isKnown.length === 0 ? null : (
        <details className="small">
          <summary>Noted ({isKnown.length})</summary>
          <ul className="plain stack">
            {isKnown.map((insight) => (
              <li key={insight.id}>{insight.sentence}</li>
            ))}
          </ul>
        </details>
      )}
      <p role="status" className="small soft">
        {noted}
      </p>
    </>
  );
}

interface OneProps {
  readonly insight: Insight;
  readonly onNoted: (said: string) => void;
}

function One({ insight, onNoted }: OneProps) {
  const { id, kind, sentence, from, to, confidence } = insight;
  const note = useDeed("POST /v1/insights/{id}/ack", ["GET /v1/insights"]);
  const press = () =>
    note.mutate(
      { params: { id } },
      { onSuccess: () => onNoted("Noted. It comes back when there is news of it.") },
    );
  return (
    <li className="insight">
      <div className="row apart">
        <Badge mood="info">{kinds[kind]}</Badge>
        <Button kind="quiet" isPending={note.isPending} onPress={press}>
          Noted<span className="only-read">: {sentence}</span>
        </Button>
      </div>
      <p>{sentence}</p>
      <p className="small soft">
        {from === to ? dayName(from) : `${dayName(from)} to ${dayName(to)}`}
        {confidence === null
          ? null
          : ` · ${number(confidence * whole)} % sure that it is no chance`}
      </p>
      {note.error === null ? null : (
        <p className="note bad" role="alert">
          <WhatFailed error={note.error} />
        </p>
      )}
    </li>
  );
}

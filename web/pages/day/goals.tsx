/** What a member aims at on a day: goals of their own, or back to the common ones. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { goalMetrics } from "../../../domain/samples/goals.ts";
import type { Metric } from "../../../domain/samples/metrics.ts";
import type { Answer } from "../../api/client.ts";
import { keyOf, useApi, useDeed } from "../../api/queries.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Button, Dialog, Field } from "../../design/controls.tsx";
import { said, titleOfMetric, unitOf } from "../../readings/metric-words.ts";
import { changesOf, type Typed, typedOf, wrongOf } from "./goals-form.ts";

type Goals = Answer<"GET /v1/goals">["goals"];

const old = ["GET /v1/goals", "GET /v1/summary", "GET /v1/insights"] as const;

export function GoalsButton({ onSaved }: { readonly onSaved: (said: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        Goals
      </Button>
      <Dialog title="Your goals" isOpen={isOpen} onClose={() => setOpen(false)}>
        <GoalsCard
          onClose={() => setOpen(false)}
          onSaved={(words) => {
            onSaved(words);
            setOpen(false);
          }}
        />
      </Dialog>
    </>
  );
}

interface FormProps {
  readonly onClose: () => void;
  readonly onSaved: (said: string) => void;
}

function GoalsCard(props: FormProps) {
  const goals = useApi("GET /v1/goals");
  return (
    <Card id="goals" className="bare" title="What you aim at on a day" query={goals} rows={10}>
      {({ goals }) => <Form goals={goals} {...props} />}
    </Card>
  );
}

function Form({ goals: now, onClose, onSaved }: FormProps & { readonly goals: Goals }) {
  const client = useQueryClient();
  // What was changed meanwhile elsewhere is not changed back.
  const [goals] = useState(now);
  const [typed, setTyped] = useState<Typed>(() => typedOf(goals));
  const save = useDeed("PUT /v1/goals", old);
  const isWrong = goalMetrics.some((metric) => wrongOf(metric, typed[metric] ?? "") !== null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWrong) return;
    save.mutate(
      { body: { goals: changesOf(goals, typed) } },
      {
        onSuccess: (saved) => {
          client.setQueryData(keyOf("GET /v1/goals"), saved);
          onSaved("Your goals are saved.");
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <p className="soft">
        A goal holds for past days too. An empty field is the common goal, or none.
      </p>
      <div className="goal-fields">
        {goalMetrics.map((metric) => (
          <One
            key={metric}
            metric={metric}
            goal={goals[metric]}
            value={typed[metric] ?? ""}
            onChange={(value) => setTyped({ ...typed, [metric]: value })}
          />
        ))}
      </div>
      {save.error === null ? null : (
        <p className="note bad" role="alert">
          <WhatFailed error={save.error} />
        </p>
      )}
      <div className="row">
        <Button kind="main" type="submit" isPending={save.isPending} isDisabled={isWrong}>
          Save goals
        </Button>
        <Button kind="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

const labelOf = (metric: Metric): string =>
  metric === "steps" ? titleOfMetric(metric) : `${titleOfMetric(metric)} (${unitOf(metric)})`;

interface OneProps {
  readonly metric: Metric;
  readonly goal: Goals[Metric];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function One({ metric, goal, value, onChange }: OneProps) {
  const common = goal?.default ?? null;
  return (
    <div className="goal">
      <Field
        label={labelOf(metric)}
        value={value}
        onChange={onChange}
        about={common === null ? "Commonly none." : `Commonly ${said(metric, common)}.`}
        wrong={wrongOf(metric, value)}
      />
      {value === "" ? null : (
        <Button kind="quiet" onPress={() => onChange("")}>
          {common === null ? "No goal" : "Back to the common one"}
          <span className="only-read">: {titleOfMetric(metric)}</span>
        </Button>
      )}
    </div>
  );
}

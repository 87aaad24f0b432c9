/** Making a link: for whom, which readings, of which days, and how long it is good for. */
import { type FormEvent, useState } from "react";
import { type Metric, metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { recipientCharsMax } from "../../../domain/samples/share-bounds.ts";
import { useDeed } from "../../api/queries.ts";
import type { ShareMade } from "../../api/schema.d.ts";
import { Button, Check, Dialog, Field, Pick } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { useMe } from "../../session/members-only.tsx";
import { todayOf } from "../../session/today.ts";
import { usualSpan, wrongSpan } from "./share-words.ts";

interface NewShareProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: (share: ShareMade) => void;
}

const lasting = [
  { id: "1", name: "A day" },
  { id: "7", name: "A week" },
  { id: "14", name: "Two weeks" },
  { id: "30", name: "A month" },
] as const;

export const NewShare = (props: NewShareProps) => (
  <Dialog title="Make a link" isOpen={props.isOpen} onClose={props.onClose}>
    <ShareForm {...props} />
  </Dialog>
);

function ShareForm({ onClose, onMade }: NewShareProps) {
  const today = todayOf(useMe().data, Date.now());
  const [draft, setDraft] = useState(() => ({
    ...{ recipient: "", days: "7" as (typeof lasting)[number]["id"] },
    ...{ types: [] as readonly Metric[], ...usualSpan(today) },
  }));
  const set = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const share = useDeed("POST /v1/shares", ["GET /v1/shares"]);
  const { recipient, types, start, end, days } = draft;
  const wrong = wrongSpan(start, end);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    share.mutate(
      { body: { recipient, types: [...types], start, end, days: Number(days) } },
      {
        onSuccess: (made) => {
          onMade(made);
          onClose();
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label="For whom"
        value={recipient}
        onChange={(next) => set({ recipient: next })}
        maxLength={recipientCharsMax}
        isRequired
        about="Whoever opens the link reads this name."
      />
      <MetricChecks chosen={types} onChange={(next) => set({ types: next })} />
      <div className="pair">
        <Field
          label="First day"
          type="date"
          value={start}
          onChange={(next) => set({ start: next })}
          isRequired
        />
        <Field
          label="Last day"
          type="date"
          value={end}
          wrong={wrong}
          onChange={(next) => set({ end: next })}
          isRequired
        />
      </div>
      <Pick
        label="Good for"
        choices={lasting}
        value={days}
        onChange={(next: typeof days) => set({ days: next })}
      />
      <p className="small soft">
        It shows a value for each day, no time of day, no place and no device. Each opening stands
        in your log.
      </p>
      <Failed error={share.error} />
      <div className="row">
        <Button
          kind="main"
          type="submit"
          isPending={share.isPending}
          isDisabled={types.length === 0 || wrong !== null}
        >
          Make the link
        </Button>
        <Button kind="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

interface MetricChecksProps {
  readonly chosen: readonly Metric[];
  readonly onChange: (chosen: readonly Metric[]) => void;
}

const MetricChecks = ({ chosen, onChange }: MetricChecksProps) => (
  <fieldset className="checks">
    <legend>What</legend>
    {metrics.map((metric) => (
      <Check
        key={metric}
        isSelected={chosen.includes(metric)}
        onChange={(isChosen) =>
          onChange(isChosen ? [...chosen, metric] : chosen.filter((one) => one !== metric))
        }
      >
        {metricOf(metric).title}
      </Check>
    ))}
  </fieldset>
);

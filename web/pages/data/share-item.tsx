/** One link: for whom, what of which days, how often it was opened; and taking it back. */
import { useState } from "react";
import { isMetric, metricOf } from "../../../domain/samples/metrics.ts";
import { useDeed } from "../../api/queries.ts";
import type { AccessEntry, Share } from "../../api/schema.d.ts";
import { Badge, Button, Confirm } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { dayName, moment } from "../../design/format.ts";
import { shareStanding } from "./share-words.ts";

interface ItemProps {
  readonly share: Share;
  readonly openings: readonly AccessEntry[];
  readonly onSaid: (words: string) => void;
}

export function ShareItem({ share, openings, onSaid }: ItemProps) {
  const { recipient, types, start, end, expires, opened, lastOpened } = share;
  const { word, mood, isOpen } = shareStanding(share, Date.now());
  return (
    <li className="item stack" data-share={share.id}>
      <div className="row apart">
        <h3>For {recipient}</h3>
        <Badge mood={mood}>{word}</Badge>
      </div>
      <p className="small">
        {types.map((type) => (isMetric(type) ? metricOf(type).title : type)).join(", ")}
      </p>
      <p className="small soft">
        {dayName(start)} to {dayName(end)}. {isOpen ? "Good until" : "It was good until"}{" "}
        {moment(expires)}.
      </p>
      <p>
        <strong>
          {opened === 0 ? "Not opened yet" : `Opened ${opened} ${opened === 1 ? "time" : "times"}`}
        </strong>
        {lastOpened === null ? "" : `, last on ${moment(lastOpened)}`}
      </p>
      {openings.length > 1 ? (
        <details>
          <summary>Each opening</summary>
          <ul className="plain small">
            {openings.map(({ entry, at }) => (
              <li key={entry}>
                {moment(at)} <span className="soft">· Entry {entry}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {isOpen ? <Revoke share={share} onSaid={onSaid} /> : null}
    </li>
  );
}

function Revoke({ share: { id, recipient }, onSaid }: Pick<ItemProps, "share" | "onSaid">) {
  const [isOpen, setOpen] = useState(false);
  const revoke = useDeed("DELETE /v1/shares/{id}", ["GET /v1/shares"]);
  const confirm = () =>
    revoke.mutateAsync({ params: { id } }).then(
      () => {
        setOpen(false);
        onSaid(`The link for ${recipient} opens nothing any more.`);
      },
      () => {},
    );
  return (
    <div>
      <Button kind="danger" aria-label={`Take it back: ${recipient}`} onPress={() => setOpen(true)}>
        Take it back
      </Button>
      <Confirm
        title={`Take back the link for ${recipient}?`}
        deed="Take it back"
        isOpen={isOpen}
        isPending={revoke.isPending}
        isDanger
        onClose={() => setOpen(false)}
        onConfirm={() => void confirm()}
      >
        <p>
          From this moment on the link shows nothing. What was seen was seen. This link cannot be
          given again; you can make another.
        </p>
        <Failed error={revoke.error} />
      </Confirm>
    </div>
  );
}

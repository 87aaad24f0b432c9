/** Changes that could not be archived: to look at, and to have their ledger publish again. */
import { useState } from "react";
import type { Answer } from "../../api/client.ts";
import { api } from "../../api/client.ts";
import { useApi, useList } from "../../api/queries.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Button, Dialog } from "../../design/controls.tsx";
import { dayName, moment, words } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { useBalance } from "./balance.tsx";
import { Replaying } from "./replaying.tsx";
import { type Replays, staysBecause, useReplays } from "./replays.ts";

type Letter = Answer<"GET /v1/ops/dead-letters">["items"][number];

const columns = [
  { key: "what", name: "Change" },
  { key: "reason", name: "Reason" },
  { key: "at", name: "Since" },
  { key: "said", name: "What came of it" },
  { key: "deed", name: "" },
];

async function replay(id: string): Promise<string> {
  const { still } = await api("POST /v1/ops/dead-letters/{id}/replay", { params: { id } });
  return still === null ? "Published again, under a new number." : staysBecause(still);
}

export function DeadLettersCard() {
  const letters = useList("GET /v1/ops/dead-letters");
  const balance = useBalance();
  const [looked, look] = useState<string | null>(null);
  const replays = useReplays(replay, ["GET /v1/ops/dead-letters", "GET /v1/ops/balance"]);
  return (
    <Card
      id="dead-letters"
      title="Dead letters"
      query={letters}
      others={[balance]}
      isEmpty={({ items }) => items.length === 0 && Object.keys(replays.said).length === 0}
      empty={<p className="soft">There are none: every change reached the archive.</p>}
      rows={8}
    >
      {({ items }) => (
        <>
          <p className="small soft">
            Changes that the archive could not take. Replaying has their ledger publish what is true
            today in their place.
            {balance.data === undefined
              ? ""
              : ` ${many(balance.data.parked, "item")} parked in all, here and below.`}
          </p>
          <Replaying replays={replays} ids={items.map(({ id }) => id)} />
          <WideTable
            label="Dead letters"
            columns={columns}
            rows={items.map((letter) => rowOf(letter, replays, look))}
          />
          <More list={letters} />
          <Dialog title="A dead letter" isOpen={looked !== null} onClose={() => look(null)}>
            {looked === null ? null : <Content id={looked} />}
            <div>
              <Button onPress={() => look(null)}>Close</Button>
            </div>
          </Dialog>
        </>
      )}
    </Card>
  );
}

const nameOf = ({ stream, day, bucket, seq }: Letter): string =>
  stream === null
    ? `Number ${seq}, of no stream`
    : `${stream}${day === null ? "" : `, ${dayName(day)}`}${bucket === null ? "" : `, bucket ${bucket}`}`;

function rowOf(letter: Letter, replays: Replays, look: (id: string) => void) {
  const { id, reason, at } = letter;
  return {
    key: id,
    cells: {
      what: nameOf(letter),
      reason: words(reason),
      at: moment(at),
      said: replays.said[id] ?? "–",
      deed: (
        <span className="row">
          <Button kind="quiet" onPress={() => look(id)} aria-label={`Look at ${nameOf(letter)}`}>
            Look
          </Button>
          <Button
            kind="quiet"
            isPending={replays.current === id}
            isDisabled={replays.total > 0}
            onPress={() => void replays.run([id])}
            aria-label={`Replay ${nameOf(letter)}`}
          >
            Replay
          </Button>
        </span>
      ),
    },
  };
}

/** As it came: open fields only, for nothing restricted is ever in a change. */
function Content({ id }: { readonly id: string }) {
  const letter = useApi("GET /v1/ops/dead-letters/{id}", { params: { id } });
  if (letter.error !== null)
    return (
      <p className="note bad" role="alert">
        <WhatFailed error={letter.error} />
      </p>
    );
  if (letter.data === undefined) return <p role="status">Loading…</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard.
    <pre className="scroll small" tabIndex={0}>
      {letter.data.message === null
        ? "It is no JSON."
        : JSON.stringify(letter.data.message, null, 2)}
    </pre>
  );
}

/** How the member's connections are doing, as it changes, and what can be done about it. */
import { useState } from "react";
import { Link } from "wouter";
import type { Connection } from "../../api/sync-status.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Badge, Button } from "../../design/controls.tsx";
import { syncWords, useSyncNow } from "../../offline/queued-syncs.ts";
import { sentencesOf, stateOf, titleOf } from "../../session/connection-words.ts";
import { useTitles } from "../../session/provider-titles.ts";
import { Reconnect } from "./reconnect.tsx";
import type { Day } from "./use-day.ts";

const old = ["GET /v1/connections"] as const;

interface CardProps {
  readonly connections: Day["connections"];
  readonly nowMs: number;
}

export function ConnectionsCard({ connections, nowMs }: CardProps) {
  const { query, titles } = useTitles();
  const [done, setDone] = useState("");
  const granted = new Set(
    query.data?.items.filter(({ linking }) => linking === "oauth").map(({ name }) => name),
  );
  return (
    <Card
      {...{ id: "connections", title: "Connections", rows: 8 }}
      query={connections}
      others={[query]}
      aside={<Link href="/data/connections">All of them</Link>}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          Nothing is linked yet. <Link href="/data/connections">Link a provider</Link> or your
          phone, and days fill by themselves.
        </p>
      }
    >
      {({ items }) => (
        <>
          <ul className="plain stack">
            {items.map((one) => (
              <One
                key={one.id}
                one={one}
                title={titleOf(one.provider, titles)}
                isGranted={granted.has(one.provider)}
                nowMs={nowMs}
                onDone={setDone}
              />
            ))}
          </ul>
          <p role="status" className="small soft">
            {done}
          </p>
        </>
      )}
    </Card>
  );
}

interface OneProps {
  readonly one: Connection;
  readonly title: string;
  /** Granted at the provider's own page; what a member's own device sends waits for the device. */
  readonly isGranted: boolean;
  readonly nowMs: number;
  readonly onDone: (said: string) => void;
}

function One({ one, title, isGranted, nowMs, onDone }: OneProps) {
  const { word, mood } = stateOf(one);
  const sync = useSyncNow(old);
  const isEnded = one.status === "needs-reconnecting";
  const press = () =>
    sync.mutate(one.id, { onSuccess: (asked) => onDone(`${title}: ${syncWords[asked]}`) });
  return (
    <li className="connection" data-connection={one.provider}>
      <div className="row apart head">
        <span className="row">
          <strong>{title}</strong>
          <Badge mood={mood}>{word}</Badge>
        </span>
        {isGranted && !isEnded ? (
          <Button kind="quiet" isPending={sync.isPending} onPress={press}>
            Sync now<span className="only-read">: {title}</span>
          </Button>
        ) : null}
      </div>
      <p className="small soft">{sentencesOf(one, title, nowMs).join(" ")}</p>
      {isEnded ? <Reconnect provider={one.provider} title={title} isGranted={isGranted} /> : null}
      {sync.error === null ? null : (
        <p className="note bad" role="alert">
          <WhatFailed error={sync.error} />
        </p>
      )}
    </li>
  );
}

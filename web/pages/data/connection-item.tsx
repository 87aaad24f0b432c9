/** One linked account: how it is doing, what it may read, and what can be done about it. */
import type { Connection, Provider } from "../../api/schema.d.ts";
import { Badge, Button } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { moment } from "../../design/format.ts";
import { Meter } from "../../design/meter.tsx";
import { useNow } from "../../design/use-now.ts";
import { syncWords, useSyncNow } from "../../offline/queued-syncs.ts";
import { sentencesOf, stateOf } from "../../session/connection-words.ts";
import { adviceOf, isGranted } from "./connection-words.ts";
import { Disconnect, type Ended } from "./disconnect.tsx";
import { Lift } from "./lift.tsx";
import { LinkButton } from "./link-dialog.tsx";
import { Done } from "./told.tsx";

/** Ago moves on by itself. */
const minuteMs = 60_000;

interface ItemProps {
  readonly connection: Connection;
  readonly title: string;
  readonly provider: Provider | undefined;
  readonly onEnded: (ended: Ended) => void;
}

export function ConnectionItem({ connection, title, provider, onEnded }: ItemProps) {
  const { word, mood } = stateOf(connection);
  const nowMs = useNow(minuteMs);
  const advice = adviceOf(connection, title);
  return (
    <li className="item stack" data-provider={connection.provider}>
      <div className="row apart">
        <h3>{title}</h3>
        <Badge mood={mood}>{word}</Badge>
      </div>
      <p className="small">
        {sentencesOf(connection, title, nowMs).join(" ")}{" "}
        <span className="soft">Linked on {moment(connection.since)}.</span>
      </p>
      {advice === null ? null : (
        <p className={`note ${mood === "bad" ? "bad" : "warn"}`}>{advice}</p>
      )}
      <History connection={connection} />
      {connection.unconfirmed.length > 0 ? (
        <p className="note">
          Somebody said, without proof, that this account was withdrawn. Nothing changed; {title} is
          being asked.
        </p>
      ) : null}
      <Granted connection={connection} provider={provider} />
      <Deeds connection={connection} title={title} provider={provider} onEnded={onEnded} />
    </li>
  );
}

function History({ connection: { backfill } }: { readonly connection: Connection }) {
  if (backfill === null || (backfill.state === "done" && !backfill.hasGaps)) return null;
  if (backfill.state === "refused")
    return <p className="small">Its history is not given out; what is new comes all the same.</p>;
  if (backfill.state === "done")
    return <p className="small">Its history is here, but for a part that could not be read.</p>;
  const text = `${backfill.percent} % of what there is since ${moment(backfill.from)}`;
  return (
    <div className="stack tight">
      <span className="small soft">History since {moment(backfill.from)}</span>
      <Meter label="History" value={backfill.percent} max={100} text={text} />
    </div>
  );
}

function Granted({ connection, provider }: Pick<ItemProps, "connection" | "provider">) {
  const scopes = provider?.scopes ?? [];
  if (scopes.length === 0) return null;
  return (
    <details>
      <summary>What it may read, and why</summary>
      <ul className="plain scopes">
        {scopes.map(({ scope, why }) => (
          <li key={scope}>
            {isGranted(connection, scope) ? (
              <Badge mood="good">Allowed</Badge>
            ) : (
              <Badge>Not allowed</Badge>
            )}{" "}
            {why}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Deeds({ connection, title, provider, onEnded }: ItemProps) {
  const { id, status, forgottenTo } = connection;
  const sync = useSyncNow(["GET /v1/connections"]);
  const isAsked = provider?.linking === "oauth";
  const isBroken = status === "needs-reconnecting";
  return (
    <>
      <Failed error={sync.error} />
      <Done>
        {sync.data === undefined
          ? null
          : sync.data === "asked"
            ? `${title} is read now.`
            : syncWords.queued}
      </Done>
      <div className="row">
        {isBroken && provider !== undefined ? (
          <LinkButton provider={provider} kind="main" words="Reconnect" />
        ) : null}
        {provider?.linking === "key" ? (
          <LinkButton provider={provider} kind="plain" words="New key" />
        ) : null}
        {isAsked && !isBroken ? (
          <Button
            aria-label={`Sync now: ${title}`}
            isPending={sync.isPending}
            onPress={() => sync.mutate(id)}
          >
            Sync now
          </Button>
        ) : null}
        <Lift id={id} title={title} forgottenTo={forgottenTo} />
        <Disconnect id={id} title={title} onEnded={onEnded} />
      </div>
    </>
  );
}

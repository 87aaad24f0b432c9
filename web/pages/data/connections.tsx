/** The member's linked accounts, and what came of linking or ending one just now. */
import { useState } from "react";
import { Link } from "wouter";
import { useApi } from "../../api/queries.ts";
import type { Connection, Provider } from "../../api/schema.d.ts";
import { useSyncStatus } from "../../api/sync-status.ts";
import { Card } from "../../design/card.tsx";
import { dayOfInstant } from "../../design/format.ts";
import { type Titles, titleOf } from "../../session/connection-words.ts";
import { titlesOf, useTitles } from "../../session/provider-titles.ts";
import { CameBack } from "./came-back.tsx";
import { ConnectionItem } from "./connection-item.tsx";
import type { Ended } from "./disconnect.tsx";
import { Done } from "./told.tsx";

export function Connections() {
  const connections = useApi("GET /v1/connections");
  const { query: providers, titles } = useTitles();
  useSyncStatus();
  const [ended, setEnded] = useState<Ended | null>(null);
  return (
    <>
      <CameBack titles={titles} />
      <Done>{ended === null ? null : <EndedWords {...ended} />}</Done>
      <Card
        id="connections"
        title="Linked accounts"
        query={connections}
        others={[providers]}
        rows={8}
        aside={
          <Link className="button main" href="/data/connections/new">
            Link an account
          </Link>
        }
        isEmpty={({ items, refusedClaims }) => items.length + refusedClaims.length === 0}
        empty={
          <p>
            No account is linked yet. Link the one where you record: what is there then comes here
            by itself.
          </p>
        }
      >
        {({ items, refusedClaims }) => (
          <>
            <Claims claims={refusedClaims} titles={titles} />
            <List items={items} providers={providers.data?.items} onEnded={setEnded} />
          </>
        )}
      </Card>
    </>
  );
}

const EndedWords = ({ title, isErased, receipt }: Ended) => (
  <span>
    {title} is disconnected. What came by it is {isErased ? "erased" : "kept"}.{" "}
    <Link href={`/data/receipt/${receipt}`}>The receipt</Link>
  </span>
);

interface ListProps {
  readonly items: readonly Connection[];
  readonly providers: readonly Provider[] | undefined;
  readonly onEnded: (ended: Ended) => void;
}

const List = ({ items, providers, onEnded }: ListProps) => (
  <ul className="plain items">
    {items.map((item) => (
      <ConnectionItem
        key={item.id}
        connection={item}
        title={titleOf(item.provider, titlesOf(providers))}
        provider={providers?.find(({ name }) => name === item.provider)}
        onEnded={onEnded}
      />
    ))}
  </ul>
);

interface ClaimsProps {
  readonly claims: readonly {
    readonly provider: string;
    readonly at: string;
    readonly side: "claimant" | "holder";
  }[];
  readonly titles: Titles;
}

function Claims({ claims, titles }: ClaimsProps) {
  if (claims.length === 0) return null;
  return (
    <div className="note warn">
      <ul className="plain">
        {claims.map(({ provider, at, side }) => (
          <li key={`${provider} ${at}`}>
            <strong>{dayOfInstant(at)}:</strong>{" "}
            {side === "holder"
              ? `Somebody else tried to link your account at ${titleOf(provider, titles)}. They were refused; it is still yours.`
              : `You tried to link an account at ${titleOf(provider, titles)} that another member holds. It was refused.`}
          </li>
        ))}
      </ul>
    </div>
  );
}

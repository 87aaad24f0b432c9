/** What stands above a page of somebody's totals: whose they are, to choose where there are several. */
import type { ReactNode } from "react";
import { WhatFailed } from "../design/card.tsx";
import { Button, Pick } from "../design/controls.tsx";
import type { useReads } from "./use-reads.ts";

interface WhoseProps {
  readonly reads: ReturnType<typeof useReads>;
  /** "Artist". */
  readonly label: string;
  /** What it says to whoever reads none. */
  readonly none: string;
  readonly children: (of: string) => ReactNode;
}

export function Whose({ reads: { query, all, one, choose }, label, none, children }: WhoseProps) {
  if (one !== undefined)
    return (
      <>
        {all.length > 1 ? (
          <Pick
            label={label}
            choices={all.map(({ of, name }) => ({ id: of, name: name ?? of }))}
            value={one.of}
            onChange={choose}
          />
        ) : (
          <p className="soft">{one.name ?? one.of}</p>
        )}
        {children(one.of)}
      </>
    );
  if (query.data !== undefined) return <p className="note">{none}</p>;
  if (query.error === null) return <p role="status">Loading…</p>;
  return (
    <div className="note bad" role="alert">
      <WhatFailed error={query.error} />
      <Button kind="quiet" onPress={() => void query.refetch()}>
        Try again
      </Button>
    </div>
  );
}

/**
 * Linking an account again whose permission has ended: at the provider's own page, and back. Where a
 * word or a key is given out instead, that is done on the page of all connections.
 */
import { useMutation } from "@tanstack/react-query";
import { Link } from "wouter";
import { WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { beginLink } from "../../session/link.ts";

interface ReconnectProps {
  readonly provider: string;
  readonly title: string;
  /** Granted at the provider's own page. */
  readonly isGranted: boolean;
}

export function Reconnect({ provider, title, isGranted }: ReconnectProps) {
  const begin = useMutation({ mutationFn: () => beginLink(provider) });
  const words = (
    <>
      Reconnect<span className="only-read"> {title}</span>
    </>
  );
  if (!isGranted)
    return (
      <div>
        <Link className="button main" href="/data/connections">
          {words}
        </Link>
      </div>
    );
  return (
    <div className="stack">
      <div>
        <Button
          kind="main"
          isPending={begin.isPending || begin.isSuccess}
          onPress={() => begin.mutate()}
        >
          {words}
        </Button>
      </div>
      {begin.error === null ? null : (
        <p className="note bad" role="alert">
          <WhatFailed error={begin.error} />
        </p>
      )}
    </div>
  );
}

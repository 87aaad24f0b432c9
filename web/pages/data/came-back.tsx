/**
 * What came of linking, when the browser comes back from the provider. The address is cleaned at once:
 * a code is good once and stands in no history. Where the edge did not know this browser by its
 * cookie, the link is ended here with the member's own token.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { makeOld } from "../../api/queries.ts";
import { Failed } from "../../design/failed.tsx";
import { type Titles, titleOf } from "../../session/connection-words.ts";
import { endLink, forgetLink, linkBegunFor } from "../../session/link.ts";
import { Done } from "./told.tsx";
import { type WayBack, wayBack } from "./way-back.ts";

interface Came {
  readonly back: WayBack | null;
  readonly provider: string | null;
}
type Outcome = "ending" | "linked" | "failed" | Error;

const cameNow = (): Came => ({
  back: wayBack(new URLSearchParams(location.search)),
  provider: linkBegunFor(),
});

export function CameBack({ titles }: { readonly titles: Titles }) {
  const [{ back, provider }] = useState(cameNow);
  const outcome = useOutcome(back, provider);
  const title = provider === null ? "The account" : titleOf(provider, titles);
  if (outcome instanceof Error) return <Failed error={outcome} />;
  if (back?.kind === "failed")
    return (
      <p className="note bad" role="alert">
        {back.words(title)}
      </p>
    );
  return (
    <Done>
      {outcome === "linked"
        ? `${title} is linked. What is newest comes first, older data after it.`
        : outcome === "ending" && `${title} is being linked…`}
    </Done>
  );
}

function useOutcome(back: WayBack | null, provider: string | null): Outcome | null {
  const client = useQueryClient();
  const [, go] = useLocation();
  const isBegun = useRef(false);
  const [outcome, setOutcome] = useState<Outcome | null>(
    back === null ? null : back.kind === "unended" ? "ending" : back.kind,
  );
  useEffect(() => {
    // The code is good once: React runs effects twice while a page is being developed.
    if (back === null || isBegun.current) return;
    isBegun.current = true;
    go("/data/connections", { replace: true });
    if (back.kind !== "unended") return forgetLink();
    const begun =
      provider === null
        ? Promise.reject(new Error("This address ends a link that was not begun here."))
        : endLink(provider, back);
    begun.then(
      () => {
        setOutcome("linked");
        void makeOld(client, ["GET /v1/connections"]);
      },
      (error: Error) => setOutcome(error),
    );
  }, [back, provider, client, go]);
  return outcome;
}

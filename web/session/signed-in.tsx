/** Where the browser comes back to after signing in. Ends it, and goes on to where it began. */
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { WhatFailed } from "../design/card.tsx";
import { Button } from "../design/controls.tsx";
import { finishSignIn, signIn } from "./session.ts";

export function SignedIn() {
  const [, go] = useLocation();
  const [error, setError] = useState<Error | null>(null);
  const isBegun = useRef(false);
  useEffect(() => {
    // The code is good once: React runs effects twice while a page is being developed.
    if (isBegun.current) return;
    isBegun.current = true;
    finishSignIn(new URLSearchParams(location.search)).then(
      (to) => go(to, { replace: true }),
      setError,
    );
  }, [go]);
  if (error === null) return <p role="status">Signing in…</p>;
  return (
    <div className="stack">
      <h1>You are not signed in</h1>
      <p role="alert">
        <WhatFailed error={error} />
      </p>
      <div>
        <Button kind="main" onPress={() => void signIn("/").catch(setError)}>
          Sign in
        </Button>
      </div>
    </div>
  );
}

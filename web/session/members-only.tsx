/**
 * What stands before a page that is a member's own: signing in, then becoming a member. Signing in
 * makes nobody a member; saying one's name does.
 */
import { type FormEvent, type ReactNode, useState } from "react";
import type { Answer } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { useApi, useDeed } from "../api/queries.ts";
import { WhatFailed } from "../design/card.tsx";
import { Button, Check, Field } from "../design/controls.tsx";
import { signIn } from "./session.ts";
import { useSession } from "./use-session.ts";

export type Me = Answer<"GET /v1/me">;

export const useMe = () => {
  const isIn = useSession().state === "in";
  return useApi("GET /v1/me", undefined, { enabled: isIn, kept: true });
};

/** What it says to whoever is not signed in. */
export function SignInFirst({ why }: { readonly why: string }) {
  const session = useSession();
  const [error, setError] = useState<Error | null>(null);
  const hasEnded = session.state === "out" && session.why === "ended";
  return (
    <div className="stack">
      <h1>Sign in</h1>
      <p>{hasEnded ? "Your session has ended. Sign in again to go on." : why}</p>
      {error === null ? null : (
        <p className="note bad" role="alert">
          {error instanceof Problem && error.status === 404 ? (
            "Nobody can sign in here yet: this deployment names no issuer (docs/deploy.md)."
          ) : (
            <WhatFailed error={error} />
          )}
        </p>
      )}
      <div>
        <Button kind="main" onPress={() => void signIn().catch(setError)}>
          Sign in
        </Button>
      </div>
    </div>
  );
}

interface MembersOnlyProps {
  readonly why: string;
  readonly children: (me: Me) => ReactNode;
}

export function MembersOnly({ why, children }: MembersOnlyProps) {
  const session = useSession();
  const me = useMe();
  if (session.state === "opening") return null;
  if (session.state === "out") return <SignInFirst why={why} />;
  if (me.data !== undefined) return children(me.data);
  if (me.error instanceof Problem && me.error.name === "not-a-member") return <Enrol />;
  if (me.error !== null)
    return (
      <div className="note bad" role="alert">
        <WhatFailed error={me.error} />
        <Button kind="quiet" onPress={() => void me.refetch()}>
          Try again
        </Button>
      </div>
    );
  return <p role="status">Loading…</p>;
}

function Enrol() {
  const [displayName, setName] = useState("");
  const [onBoards, setOnBoards] = useState(false);
  const enrol = useDeed("PUT /v1/me", ["GET /v1/me"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
    enrol.mutate({ body: { displayName, zone, onBoards } });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h1>Become a member</h1>
      <p>You are signed in. Say what you would like to be called; you can change it later.</p>
      <Field label="Your name" value={displayName} onChange={setName} maxLength={60} isRequired />
      <Check isSelected={onBoards} onChange={setOnBoards}>
        Show me on leaderboards
      </Check>
      {enrol.error === null ? null : (
        <p className="note bad" role="alert">
          <WhatFailed error={enrol.error} />
        </p>
      )}
      <div>
        <Button kind="main" type="submit" isPending={enrol.isPending}>
          Become a member
        </Button>
      </div>
    </form>
  );
}

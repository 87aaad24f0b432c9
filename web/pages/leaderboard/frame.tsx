/** What stands above each of the leaderboard's pages, and what a visitor is told where members act. */
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { signIn } from "../../session/session.ts";
import type { Viewer } from "./use-viewer.ts";

const tabs = [
  { to: "/leaderboard", name: "Boards" },
  { to: "/leaderboard/challenges", name: "Challenges" },
  { to: "/leaderboard/teams", name: "Teams" },
] as const;

interface FrameProps {
  readonly title?: string;
  readonly children: ReactNode;
}

export function Frame({ title = "Leaderboard", children }: FrameProps) {
  const [at] = useLocation();
  const isHere = (to: string) => (to === "/leaderboard" ? at === to : at.startsWith(to));
  return (
    <>
      <div className="board-head">
        <h1>{title}</h1>
        <nav className="tabs" aria-label="Leaderboard">
          {tabs.map(({ to, name }) => (
            <Link key={to} href={to} {...(isHere(to) ? { "aria-current": "page" } : {})}>
              {name}
            </Link>
          ))}
        </nav>
      </div>
      {children}
    </>
  );
}

interface MembersActProps {
  readonly viewer: Viewer;
  /** "To join a challenge". */
  readonly what: string;
}

/** Nothing for members; for others, what comes first. */
export function MembersAct({ viewer: { state }, what }: MembersActProps) {
  const [error, setError] = useState<Error | null>(null);
  if (state === "member" || state === "unknown") return null;
  return (
    <div className="note">
      {state === "visitor" ? (
        <>
          <span>{what}, sign in.</span>
          <Button kind="quiet" onPress={() => void signIn().catch(setError)}>
            Sign in here
          </Button>
          <span role="alert">
            <WhatFailed error={error} />
          </span>
        </>
      ) : (
        <>
          <span>{what}, become a member first: say what you would like to be called.</span>
          <Link href="/day">Become a member</Link>
        </>
      )}
    </div>
  );
}

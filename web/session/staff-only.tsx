/**
 * What stands before a page of one role: signing in, and the word that the page is somebody else's. The
 * API decides again at every request; this only says so in time.
 */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { SignInFirst } from "./members-only.tsx";
import type { Role } from "./session.ts";
import { useRoles, useSession } from "./use-session.ts";

interface StaffOnlyProps {
  readonly title: string;
  readonly of: keyof typeof wrong;
  /** Another one that opens it too. */
  readonly or?: Role;
  /** What it says to whoever is not signed in. */
  readonly why: string;
  readonly children: ReactNode;
}

export function StaffOnly({ title, of, or = of, why, children }: StaffOnlyProps) {
  const session = useSession();
  const roles = useRoles();
  if (session.state === "opening") return null;
  if (session.state === "out") return <SignInFirst why={why} />;
  if (roles.includes(of) || roles.includes(or)) return children;
  return (
    <div className="stack">
      <h1>{title}</h1>
      <p className="note warn">{wrong[of]}</p>
      <p>
        <Link href="/leaderboard">To the leaderboard</Link>
      </p>
    </div>
  );
}

const wrong = {
  coach: "This page is for coaches. You are signed in, but not as one.",
  operator: "This page is for operators. You are signed in, but not as one.",
  auditor: "This page is for auditors. You are signed in, but not as one.",
  artist: "This page is for artists and labels. You are signed in, but not as one.",
  merchandiser: "This page is for merchandisers. You are signed in, but not as one.",
} as const;

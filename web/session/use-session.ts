/** The session as components see it, and what they do by who is signed in. */
import { useSyncExternalStore } from "react";
import { onSession, type Role, type Session, sessionNow } from "./session.ts";

export const useSession = (): Session => useSyncExternalStore(onSession, sessionNow);

export function useRoles(): readonly Role[] {
  const session = useSession();
  return session.state === "in" ? session.roles : [];
}

/** Who looks at the leaderboard, which is for everybody: a visitor, a member, or not yet either. */
import { Problem } from "../../api/problem.ts";
import { useMe } from "../../session/members-only.tsx";
import { useSession } from "../../session/use-session.ts";

export type Viewer =
  | { readonly state: "visitor" }
  /** Signed in, and no member: nothing of theirs can be on a board. */
  | { readonly state: "stranger" }
  /** Signed in; who it is has not been answered. */
  | { readonly state: "unknown" }
  | { readonly state: "member"; readonly id: string; readonly onBoards: boolean };

export function useViewer(): Viewer {
  const { state } = useSession();
  const { data, error } = useMe();
  if (state !== "in") return { state: "visitor" };
  if (data !== undefined) return { state: "member", id: data.id, onBoards: data.onBoards };
  const isNone = error instanceof Problem && error.name === "not-a-member";
  return { state: isNone ? "stranger" : "unknown" };
}

/** May be a member, as far as is known: what members are told is asked for. */
export const mayAsk = ({ state }: Viewer): boolean => state === "member" || state === "unknown";
export const idOf = (viewer: Viewer): string | null =>
  viewer.state === "member" ? viewer.id : null;

/** The first of the pages: a board, my place on it, and the choices above. */
import { useApi } from "../../api/queries.ts";
import { useNow } from "../../design/use-now.ts";
import { useMe } from "../../session/members-only.tsx";
import { BoardCard } from "./board-card.tsx";
import { boardOf, type Choice, searchOf } from "./choice.ts";
import { BoardChoice, PeriodChoice, useChoice } from "./choices.tsx";
import { Frame, MembersAct } from "./frame.tsx";
import { PlaceCard } from "./place-card.tsx";
import { useBoard } from "./use-board.ts";
import { useFollowing } from "./use-following.ts";
import { idOf, mayAsk, useViewer, type Viewer } from "./use-viewer.ts";

const tickMs = 30_000;
const placeEveryMs = 10_000;
const around = 3;

function usePlace(choice: Choice, viewer: Viewer, isRunning: boolean) {
  return useApi(
    "GET /v1/leaderboards/{board}/me",
    { params: { board: boardOf(choice) }, query: { period: choice.period, around } },
    { enabled: mayAsk(viewer), everyMs: isRunning ? placeEveryMs : false },
  );
}

/** "distance-ride" and its like: the families that there are boards of. */
const familiesIn = (boards: readonly { readonly board: string }[]): string[] =>
  [
    ...new Set(boards.map(({ board }) => (board.includes("-") ? board.split("-", 2)[1] : "all"))),
  ].filter((family) => family !== undefined);

export function BoardPage() {
  const nowMs = useNow(tickMs);
  const viewer = useViewer();
  const profile = useMe();
  const chosen = useChoice(nowMs);
  const { choice } = chosen;
  const isMember = mayAsk(viewer);
  const boards = useApi("GET /v1/leaderboards");
  const teams = useApi("GET /v1/teams", undefined, { enabled: isMember });
  const { query: friends, following } = useFollowing(isMember);
  const board = useBoard(choice, nowMs);
  const place = usePlace(choice, viewer, board.isRunning);
  const me = idOf(viewer);
  const counts = `/leaderboard/mine${searchOf(choice, nowMs)}`;
  const own = place.data?.items.find(({ member }) => member === me) ?? null;
  return (
    <Frame>
      <BoardChoice
        {...chosen}
        families={familiesIn(boards.data?.items ?? [])}
        teams={isMember ? (teams.data?.items ?? []) : null}
      />
      <PeriodChoice {...chosen} nowMs={nowMs} />
      <div className="board-grid">
        <BoardCard
          choice={choice}
          board={board}
          others={[boards, friends, teams]}
          me={me}
          following={isMember ? following : null}
          mine={isMember ? own : undefined}
          isPlaceless={place.data?.items.length === 0}
          nowMs={nowMs}
          counts={counts}
        />
        <div className="aside">
          <MembersAct viewer={viewer} what="To see your own place" />
          {isMember ? (
            <PlaceCard
              query={place}
              others={[profile]}
              viewer={viewer}
              counts={counts}
              nowMs={nowMs}
            />
          ) : null}
        </div>
      </div>
    </Frame>
  );
}

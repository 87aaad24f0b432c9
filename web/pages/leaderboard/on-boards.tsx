/** Joining boards and leaving them: one choice for all of them, and what follows from it. */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Button, Confirm } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";

const old = [
  "GET /v1/me",
  "GET /v1/leaderboards/{board}",
  "GET /v1/leaderboards/{board}/me",
  "GET /v1/leaderboards/{board}/friends",
  "GET /v1/leaderboards/{board}/teams/{team}",
] as const;

export function JoinBoards() {
  const join = useDeed("PUT /v1/me", old);
  return (
    <>
      <p>
        You are on no board. If you join, everybody can see your name, your place and your scores on
        all of them, also for what you did before. No heart rate, no place on a map and no title is
        ever shown. You can leave at any time.
      </p>
      <Failed error={join.error} />
      <div>
        <Button
          kind="main"
          isPending={join.isPending}
          onPress={() => join.mutate({ body: { onBoards: true } })}
        >
          Join the boards
        </Button>
      </div>
    </>
  );
}

export function LeaveBoards() {
  const [isAsking, setAsking] = useState(false);
  const leave = useDeed("PUT /v1/me", old);
  const goAway = () =>
    leave.mutate({ body: { onBoards: false } }, { onSuccess: () => setAsking(false) });
  return (
    <>
      <Button kind="quiet" onPress={() => setAsking(true)}>
        Leave boards
      </Button>
      <Confirm
        title="Leave the boards?"
        deed="Leave the boards"
        isOpen={isAsking}
        isPending={leave.isPending}
        isDanger
        onClose={() => setAsking(false)}
        onConfirm={goAway}
      >
        <p>
          You are taken off every board within a minute, those of former weeks and months included.
          Your workouts stay as they are. Challenges that you joined go on showing you, and your
          teams' sums go on having you in them, until you leave those.
        </p>
        <p className="small soft">It can be undone: join again, and your scores are back.</p>
        <Failed error={leave.error} />
      </Confirm>
    </>
  );
}

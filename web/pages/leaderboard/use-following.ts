/** Whom the viewer follows, and following somebody or no more. */
import { useEffect } from "react";
import { useDeed, useList } from "../../api/queries.ts";

const pageSize = 100;
const old = ["GET /v1/friends", "GET /v1/leaderboards/{board}/friends"] as const;

export interface Following {
  has(member: string): boolean;
  toggle(member: string): void;
  readonly isPending: boolean;
  /** What was done last, in words. */
  readonly said: string;
  readonly error: Error | null;
}

/** All of those whom one follows: whoever is missing would be shown as somebody who is not. */
function useWholeList(isOn: boolean) {
  const list = useList("GET /v1/friends", { query: { limit: pageSize } }, { enabled: isOn });
  const { hasNextPage, isFetching, error, fetchNextPage } = list;
  const goesOn = hasNextPage && !isFetching && error === null;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  return list;
}

export function useFollowing(isOn: boolean) {
  const query = useWholeList(isOn);
  const follow = useDeed("PUT /v1/friends/{friend}", old);
  const unfollow = useDeed("DELETE /v1/friends/{friend}", old);
  const followed = new Map(query.data?.items.map((friend) => [friend.member, friend]));
  const following: Following = {
    has: (member) => followed.has(member),
    toggle(member) {
      const params = { friend: member };
      follow.reset();
      unfollow.reset();
      if (followed.has(member)) unfollow.mutate({ params });
      else follow.mutate({ params });
    },
    isPending: follow.isPending || unfollow.isPending,
    said: follow.isSuccess
      ? "You follow them now. They are not told, and it opens nothing of theirs."
      : unfollow.isSuccess
        ? "You follow them no more."
        : "",
    error: follow.error ?? unfollow.error,
  };
  return { query, following };
}

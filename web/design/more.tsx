/** What a list ends with as long as it goes on. */
import { Button } from "./controls.tsx";

interface MoreProps {
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    fetchNextPage(): unknown;
  };
}

export const More = ({ list }: MoreProps) =>
  list.hasNextPage ? (
    <div>
      <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
        Show more
      </Button>
    </div>
  ) : null;

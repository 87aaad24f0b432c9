/** What can be done to one shard: open or close it to new members, or make a restored one whole. */
import { api } from "../../api/client.ts";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import type { Keys } from "./keys.tsx";
import { useSteps } from "./steps.ts";

export function ShardDeeds({ shard }: { readonly shard: Keys["shards"][number] }) {
  const { shard: n, open, restored } = shard;
  const params = { number: String(n) };
  const set = useDeed("POST /v1/ops/shards/{number}", ["GET /v1/ops/keys"]);
  const restore = useSteps(() => api("POST /v1/ops/shards/{number}/restore", { params }));
  const error = set.error ?? restore.error;
  return (
    <span className="row">
      {restored ? (
        <Button
          isPending={restore.isBusy}
          onPress={() => void restore.run()}
          aria-label={`Make it whole: shard ${n}`}
        >
          Make it whole
        </Button>
      ) : (
        <Button
          kind="quiet"
          isPending={set.isPending}
          onPress={() => set.mutate({ params, body: { open: !open } })}
          aria-label={open ? `Close shard ${n}` : `Open shard ${n}`}
        >
          {open ? "Close" : "Open"}
        </Button>
      )}
      {error === null ? null : (
        <span role="alert">
          <WhatFailed error={error} />
        </span>
      )}
    </span>
  );
}

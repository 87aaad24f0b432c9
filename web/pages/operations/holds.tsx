/** A member's workouts that are held back from boards, and letting one count after all. */
import { useState } from "react";
import type { Answer } from "../../api/client.ts";
import { useDeed, useList } from "../../api/queries.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Button, Confirm } from "../../design/controls.tsx";
import { km, lasting, moment, words } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { useProviders } from "./providers.tsx";

type Held = Answer<"GET /v1/ops/holds/{member}">["items"][number];

const columns = [
  { key: "what", name: "Workout" },
  { key: "why", name: "Why it is held" },
  { key: "distance", name: "Distance", isNumber: true },
  { key: "time", name: "Elapsed", isNumber: true },
  { key: "sources", name: "Sources" },
  { key: "deed", name: "" },
];
const old = ["GET /v1/ops/holds/{member}"] as const;

export function HoldsCard({ member }: { readonly member: string }) {
  const holds = useList("GET /v1/ops/holds/{member}", { params: { member } }, { isLooked: true });
  const providers = useProviders();
  const [chosen, choose] = useState<Held | null>(null);
  const titleOf = (name: string) =>
    providers.data?.items.find(({ provider }) => provider === name)?.title ?? words(name);
  return (
    <Card
      id="holds"
      title="Held back from boards"
      query={holds}
      others={[providers]}
      isEmpty={({ items }) => items.length === 0}
      empty={<p className="soft">Nothing of theirs is held back.</p>}
      aside={<Cleared member={member} chosen={chosen} onClose={() => choose(null)} />}
      rows={2}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Held workouts"
            columns={columns}
            rows={items.map((one) => rowOf(one, titleOf, () => choose(one)))}
          />
          <More list={holds} />
        </>
      )}
    </Card>
  );
}

function rowOf(workout: Held, titleOf: (name: string) => string, choose: () => void) {
  const { id, type, start, held, distanceMm, elapsedMs, sources } = workout;
  return {
    key: id,
    cells: {
      what: `${words(type)}, ${moment(start)}`,
      why: held.map(({ because }) => because).join(" "),
      distance: distanceMm === null ? "–" : km(distanceMm.value),
      time: lasting(elapsedMs),
      sources: sources.map(({ provider }) => titleOf(provider)).join(", "),
      deed: (
        <Button
          kind="quiet"
          onPress={choose}
          aria-label={`Let it count: ${words(type)} of ${moment(start)}`}
        >
          Let it count
        </Button>
      ),
    },
  };
}

interface ClearedProps {
  readonly member: string;
  readonly chosen: Held | null;
  readonly onClose: () => void;
}

/** Clearing one, and taking that back as long as the page is open. */
function Cleared({ member, chosen, onClose }: ClearedProps) {
  const clear = useDeed("POST /v1/ops/holds/{member}/{workout}/clear", old);
  const back = useDeed("DELETE /v1/ops/holds/{member}/{decision}", old);
  const decision = back.isSuccess ? undefined : clear.data?.decision;
  const confirm = () => {
    if (chosen === null) return;
    back.reset();
    clear.mutate({ params: { member, workout: chosen.id } }, { onSuccess: onClose });
  };
  return (
    <div role="status" className="row">
      {decision === undefined ? (
        back.isSuccess ? (
          <span className="small">Held again.</span>
        ) : null
      ) : (
        <>
          <span className="small">It counts now.</span>
          <Button
            kind="quiet"
            isPending={back.isPending}
            onPress={() => back.mutate({ params: { member, decision } })}
          >
            Undo
          </Button>
        </>
      )}
      {back.error === null ? null : <WhatFailed error={back.error} />}
      <Confirm
        title="Let it count?"
        isOpen={chosen !== null}
        onClose={onClose}
        deed="Let it count"
        isPending={clear.isPending}
        onConfirm={confirm}
      >
        <p>
          It goes onto the boards with the values that it has now, and is held again when another
          record changes them. The deed stands in the log, where the member sees it. It can be
          undone.
        </p>
        {clear.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={clear.error} />
          </p>
        )}
      </Confirm>
    </div>
  );
}

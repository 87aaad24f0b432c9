/** Renewing the keys above members' own, step by step. */
import { useState } from "react";
import { type Answer, api } from "../../api/client.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button, Confirm } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { type Stepped, useSteps } from "./steps.ts";

type Rotation = Answer<"POST /v1/ops/keys/rotations">;
const rotate = (what: "epoch" | "root") => () =>
  api("POST /v1/ops/keys/rotations", { body: { what } });

const about = {
  epoch:
    "A new epoch key is made, every member's key is wrapped under it, and the former one is destroyed. What was erased before is then final, also in old copies. It cannot be undone, and nobody notices it.",
  root: "What is wrapped under the former root key is wrapped under today's. Needed once after the vault was given another root key; without one it changes nothing.",
} as const;

export function Rotate() {
  const [asked, ask] = useState<"epoch" | "root" | null>(null);
  const epoch = useSteps(rotate("epoch"));
  const root = useSteps(rotate("root"));
  const confirm = () => {
    const chosen = asked === "epoch" ? epoch : root;
    ask(null);
    void chosen.run();
  };
  return (
    <div className="stack">
      <div className="row">
        <Button isPending={epoch.isBusy} onPress={() => ask("epoch")}>
          Rotate the epoch key
        </Button>
        <Button kind="quiet" isPending={root.isBusy} onPress={() => ask("root")}>
          Rewrap under today&rsquo;s root key
        </Button>
      </div>
      <div role="status">
        <Far rotation={epoch} />
        <Far rotation={root} />
      </div>
      <Confirm
        title={asked === "root" ? "Rewrap under today's root key?" : "Rotate the epoch key?"}
        isOpen={asked !== null}
        onClose={() => ask(null)}
        deed={asked === "root" ? "Rewrap" : "Rotate"}
        isPending={false}
        onConfirm={confirm}
      >
        {asked === null ? null : <p>{about[asked]}</p>}
      </Confirm>
    </div>
  );
}

function Far({ rotation: { last, error } }: { readonly rotation: Stepped<Rotation> }) {
  if (error !== null)
    return (
      <p className="note bad">
        <WhatFailed error={error} /> Press again to go on from there.
      </p>
    );
  if (last === null) return null;
  return (
    <p className="note">
      {last.done
        ? `Done: this is epoch ${number(last.epoch)}.`
        : `${number(last.rewrapped)} keys rewrapped in this step, ${number(last.left)} left.`}
    </p>
  );
}

/**
 * The list that decides. It is put in order by dragging, or by a button up and down that every device
 * has, and holds from a day on that the member says: what was before stays as it came out.
 */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Button, Field, Segments } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import type { Device } from "../../readings/device-names.ts";
import { useMe } from "../../session/members-only.tsx";
import { todayOf } from "../../session/today.ts";
import { type Devices, inOrder, remadeWords } from "./device-words.ts";
import { Sortable } from "./sortable.tsx";
import { Done } from "./told.tsx";

type Since = "today" | "day" | "ever";
const sinces = [
  { id: "today", name: "Today" },
  { id: "day", name: "Another day" },
  { id: "ever", name: "Always" },
] as const;

export function DeviceOrder({ known }: { readonly known: Devices }) {
  const today = todayOf(useMe().data, Date.now());
  /** As it was put here; null: as it is. */
  const [draft, setDraft] = useState<readonly Device[] | null>(null);
  const list = draft ?? inOrder(known, today);
  const [since, setSince] = useState<Since>("today");
  const [day, setDay] = useState(today);
  const put = useDeed("PUT /v1/devices", ["GET /v1/devices"]);
  const save = (order: readonly Device[]) => {
    const from = { today: {}, day: { from: day }, ever: { from: null } }[since];
    put.mutate(
      { body: { order: order.map(({ id }) => id), ...from } },
      { onSuccess: () => setDraft(null) },
    );
  };
  return (
    <>
      <Sortable list={list} onChange={setDraft} />
      <div className="row">
        <span className="small" aria-hidden="true">
          Holds from
        </span>
        <Segments label="Holds from" choices={sinces} value={since} onChange={setSince} />
        {since === "day" ? (
          <Field label="Which day" type="date" value={day} max={today} onChange={setDay} />
        ) : null}
      </div>
      <p className="small soft">
        Days from then on are reckoned anew by it; days before stay as they are.
      </p>
      <Failed error={put.error} />
      <Done>
        {put.data === undefined ? null : remadeWords(put.data.resolved, put.data.pending)}
      </Done>
      <div className="row">
        <Button kind="main" isPending={put.isPending} onPress={() => save(list)}>
          Save this order
        </Button>
        <Button kind="quiet" isDisabled={put.isPending} onPress={() => save([])}>
          Back to the order by kind
        </Button>
      </div>
    </>
  );
}

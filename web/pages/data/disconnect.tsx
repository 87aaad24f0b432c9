/** Ending a connection: what came by it stays or goes, and the member says which. */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Button, Confirm, Segments } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";

type Data = "keep" | "erase";
const choices = [
  { id: "keep", name: "Keep what came" },
  { id: "erase", name: "Erase what came" },
] as const;

/** Said where the connection itself is gone from. */
export interface Ended {
  readonly title: string;
  readonly isErased: boolean;
  readonly receipt: string;
}

interface DisconnectProps {
  readonly id: string;
  readonly title: string;
  readonly onEnded: (ended: Ended) => void;
}

export function Disconnect({ id, title, onEnded }: DisconnectProps) {
  const [isOpen, setOpen] = useState(false);
  const [data, setData] = useState<Data>("keep");
  const end = useDeed("DELETE /v1/connections/{connection}", ["GET /v1/connections"]);
  // A promise outlives this item, which is gone when it holds.
  const confirm = () =>
    end.mutateAsync({ params: { connection: id }, query: { data } }).then(
      (receipt) => onEnded({ title, isErased: data === "erase", receipt: receipt.id }),
      () => {},
    );
  return (
    <>
      <Button kind="quiet" aria-label={`Disconnect ${title}`} onPress={() => setOpen(true)}>
        Disconnect
      </Button>
      <Confirm
        title={`Disconnect ${title}?`}
        deed={data === "erase" ? "Disconnect and erase" : "Disconnect"}
        isOpen={isOpen}
        isPending={end.isPending}
        isDanger
        onClose={() => setOpen(false)}
        onConfirm={() => void confirm()}
      >
        <p>
          Singlet gives its access at {title} back and takes nothing more from there. You can link
          the account again at any time.
        </p>
        <Segments label="What came by it" choices={choices} value={data} onChange={setData} />
        <p>
          {data === "keep"
            ? "Workouts and readings that came by it stay yours and keep counting."
            : "Workouts and readings that came by it alone are erased, boards are corrected. This cannot be undone."}
        </p>
        <Failed error={end.error} />
      </Confirm>
    </>
  );
}

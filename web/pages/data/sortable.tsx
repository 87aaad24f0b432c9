/** Things in an order of one's own: dragged, or moved by a button up and down that each one has. */
import { type DragEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../design/controls.tsx";
import { type Device, deviceName } from "../../readings/device-names.ts";
import { aboutOf, moved } from "./device-words.ts";

interface SortableProps {
  readonly list: readonly Device[];
  readonly onChange: (list: readonly Device[]) => void;
}

export function Sortable({ list, onChange }: SortableProps) {
  const [held, setHeld] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const place = useFocusKept(list);
  const move = (from: number, to: number) => {
    const one = list[from];
    if (one === undefined || from === to || to < 0 || to >= list.length) return;
    place.keep(one.id, to < from ? "up" : "down");
    onChange(moved(list, from, to));
    setSaid(`${deviceName(one)} is number ${to + 1} of ${list.length}.`);
  };
  return (
    <>
      <ol
        ref={place.ref}
        className="plain sortable"
        aria-label="Devices, the one believed first on top"
      >
        {list.map((device, at) => (
          <Row
            key={device.id}
            device={device}
            place={at}
            count={list.length}
            isHeld={held === at}
            onMove={move}
            drag={{
              onDragStart: (event) => {
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", String(at));
                setHeld(at);
              },
              onDragOver: (event) => {
                if (held !== null) event.preventDefault();
              },
              onDrop: (event) => {
                event.preventDefault();
                if (held !== null) move(held, at);
                setHeld(null);
              },
              onDragEnd: () => setHeld(null),
            }}
          />
        ))}
      </ol>
      <span role="status" className="only-read">
        {said}
      </span>
    </>
  );
}

/** Moved in the document, a button loses the focus: whoever pressed it goes on from there. */
function useFocusKept(list: readonly Device[]) {
  const ref = useRef<HTMLOListElement>(null);
  const pressed = useRef<{ readonly id: string; readonly way: "up" | "down" } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the list.
  useEffect(() => {
    if (pressed.current === null) return;
    const { id, way } = pressed.current;
    pressed.current = null;
    const row = ref.current?.querySelector(`[data-device="${CSS.escape(id)}"]`);
    const buttons = [...(row?.querySelectorAll("button") ?? [])].filter((one) => !one.disabled);
    (buttons.find((one) => one.dataset.way === way) ?? buttons[0])?.focus();
  }, [list]);
  return {
    ref,
    keep: (id: string, way: "up" | "down") => {
      pressed.current = { id, way };
    },
  };
}

interface RowProps {
  readonly device: Device;
  readonly place: number;
  readonly count: number;
  readonly isHeld: boolean;
  readonly onMove: (from: number, to: number) => void;
  readonly drag: Readonly<
    Record<"onDragStart" | "onDragOver" | "onDrop", (event: DragEvent<HTMLLIElement>) => void>
  > & { readonly onDragEnd: () => void };
}

function Row({ device, place, count, isHeld, onMove, drag }: RowProps) {
  const name = deviceName(device);
  return (
    <li className="sortable-row" draggable data-held={isHeld} data-device={device.id} {...drag}>
      <span className="grip" aria-hidden="true">
        ⋮⋮
      </span>
      <span className="number" aria-hidden="true">
        {place + 1}
      </span>
      <span className="grow">
        <strong>{name}</strong>
        <br />
        <span className="small soft">{aboutOf(device)}</span>
      </span>
      <span className="ways">
        <Button
          data-way="up"
          aria-label={`Move ${name} up`}
          isDisabled={place === 0}
          onPress={() => onMove(place, place - 1)}
        >
          <span aria-hidden="true">↑</span>
        </Button>
        <Button
          data-way="down"
          aria-label={`Move ${name} down`}
          isDisabled={place === count - 1}
          onPress={() => onMove(place, place + 1)}
        >
          <span aria-hidden="true">↓</span>
        </Button>
      </span>
    </li>
  );
}

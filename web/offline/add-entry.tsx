/**
 * "Add": a workout or a reading by hand. It is kept in this browser, sealed, before it is sent, so
 * that it can be made where there is no network; waiting-line.tsx says what waits.
 */
import { type FormEvent, useState } from "react";
import { Button, Dialog } from "../design/controls.tsx";
import { blank, EntryFields } from "./entry-fields.tsx";
import { type Entered, saidOf, type Wrong } from "./hand-made.ts";
import { offer } from "./waiting.ts";

const offsetMin = (local: string): number => -new Date(local).getTimezoneOffset();

export function AddEntry() {
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  return (
    <>
      <Button
        onPress={() => {
          setSaid("");
          setOpen(true);
        }}
      >
        Add
      </Button>
      <span role="status" className="only-read">
        {said}
      </span>
      <Dialog title="Add by hand" isOpen={isOpen} onClose={() => setOpen(false)}>
        <EntryForm
          onKept={() => {
            setOpen(false);
            setSaid("Saved.");
          }}
          onClose={() => setOpen(false)}
        />
      </Dialog>
    </>
  );
}

interface EntryFormProps {
  readonly onKept: () => void;
  readonly onClose: () => void;
}

function EntryForm({ onKept, onClose }: EntryFormProps) {
  const [entered, setEntered] = useState<Entered>(() => blank(Date.now()));
  const [wrong, setWrong] = useState<Wrong>({});
  const [error, setError] = useState<string | null>(null);
  const save = async () => {
    const uuid = () => crypto.randomUUID();
    const said = saidOf(entered, { offsetMin, nowMs: Date.now(), uuid });
    setWrong(said.ok ? {} : said.error);
    if (!said.ok) return;
    try {
      await offer(said.value);
      onKept();
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : "It could not be kept here.");
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  return (
    <form className="stack" onSubmit={submit} autoComplete="off" noValidate>
      <EntryFields entered={entered} wrong={wrong} onChange={setEntered} />
      <p className="small soft">
        Counted as entered by hand: where a device measured the same, the device comes first.
      </p>
      {error === null ? null : (
        <p className="note bad" role="alert">
          {error}
        </p>
      )}
      <div className="row">
        <Button kind="main" type="submit">
          Save
        </Button>
        <Button kind="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

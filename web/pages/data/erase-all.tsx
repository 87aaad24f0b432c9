/** Everything. Afterwards nobody is signed in here, this browser keeps nothing, and a receipt is shown. */
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { useDeed } from "../../api/queries.ts";
import { Button, Dialog, Field } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { signOutHere } from "../../session/session.ts";
import { justErased } from "./receipt.tsx";

/** Typed, so that no press alone does it. */
const word = "erase";

export function EraseAll() {
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="card" aria-labelledby="all">
      <header>
        <h2 id="all">Everything</h2>
      </header>
      <p>
        Your keys are destroyed, so what they sealed opens no more. You leave boards, teams and
        challenges; providers are told; the archive is written anew without you.
      </p>
      <p className="small soft">
        You may want to <Link href="/data/export">take it with you</Link> first.
      </p>
      <div>
        <Button kind="danger" onPress={() => setOpen(true)}>
          Erase everything
        </Button>
      </div>
      <Dialog title="Erase everything?" isOpen={isOpen} onClose={() => setOpen(false)}>
        <EraseForm onClose={() => setOpen(false)} />
      </Dialog>
    </section>
  );
}

function EraseForm({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [, go] = useLocation();
  const erase = useDeed("DELETE /v1/me");
  const isMeant = typed.trim().toLowerCase() === word;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isMeant) return;
    const receipt = await erase.mutateAsync({}).catch(() => null);
    if (receipt === null) return;
    // What was asked is dropped with the session, and the receipt is asked for after it.
    await signOutHere();
    go(`/data/receipt/${receipt.id}`, { replace: true, state: justErased });
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p>
        This cannot be undone by anybody. You are signed out here and everywhere, and are no member
        any more.
      </p>
      <Field
        label={`Type the word ${word}`}
        value={typed}
        onChange={setTyped}
        maxLength={20}
        isRequired
      />
      <Failed error={erase.error} />
      <div className="row">
        <Button kind="danger" type="submit" isPending={erase.isPending} isDisabled={!isMeant}>
          Erase everything
        </Button>
        <Button kind="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

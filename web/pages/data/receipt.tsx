/** What an erasure has done, for whoever has its id: nobody has to be signed in to see it. */
import { Link } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { Button } from "../../design/controls.tsx";
import { ReceiptCard } from "../../receipts/receipt-card.tsx";
import { leaveIssuer } from "../../session/session.ts";
import { useSession } from "../../session/use-session.ts";

export const ReceiptPage = ({ id }: { readonly id: string }) => {
  const isIn = useSession().state === "in";
  return (
    <>
      <header className="data-head">
        <h1>Receipt of an erasure</h1>
        <p className="soft">
          Keep its address or its id: it names nobody, and says at any time how far the erasure is.
        </p>
      </header>
      <ReceiptCard id={id} />
      {isIn ? null : <StillAtIssuer />}
      <p>{isIn ? <Link href="/data">To my data</Link> : <Link href="/">To the first page</Link>}</p>
    </>
  );
};

/** What the page is told that comes right after everything was erased. */
export const justErased = { justErased: true } as const;

/** Their account there is not ours to erase, and whoever comes next would be let in as them. */
function StillAtIssuer() {
  const came = useHistoryState<Partial<typeof justErased> | null>();
  if (came?.justErased !== true) return null;
  return (
    <div className="note">
      You are signed out here, and this browser keeps nothing of you. Where you signed in you have
      an account all the same.
      <Button kind="quiet" onPress={() => void leaveIssuer()}>
        Sign out there too
      </Button>
    </div>
  );
}

/** What an erasure has done, for whoever has its id: nobody has to be signed in to see it. */
import { Link } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { useApi } from "../../api/queries.ts";
import type { Receipt } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { moment } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { leaveIssuer } from "../../session/session.ts";
import { useSession } from "../../session/use-session.ts";
import { Copy } from "./copy.tsx";
import { pendingWords, scopeWords, stepWords } from "./receipt-words.ts";

/** What is pending is done within hours: looked at now and then by whoever leaves this open. */
const lookEveryMs = 60_000;

const columns = [
  { key: "step", name: "Step" },
  { key: "at", name: "When" },
  { key: "count", name: "How many", isNumber: true },
];

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

export function ReceiptCard({ id }: { readonly id: string }) {
  const receipt = useApi("GET /v1/receipts/{id}", { params: { id } }, { everyMs: lookEveryMs });
  return (
    <Card id="receipt" title="What was done" query={receipt} rows={8} missing={pendingWords}>
      {(known) => (
        <>
          <p>
            {scopeWords(known)}, erased as asked on {moment(known.asked)}.{" "}
            {known.finished === null ? "" : `Finished on ${moment(known.finished)}.`}
          </p>
          {known.steps.length === 0 ? (
            <p>There was nothing of that kind.</p>
          ) : (
            <Steps receipt={known} />
          )}
          <Copy label="The receipt’s id" value={known.id} />
        </>
      )}
    </Card>
  );
}

const Steps = ({ receipt: { steps } }: { readonly receipt: Receipt }) => (
  <WideTable
    label="Steps"
    columns={columns}
    rows={steps.map(({ step, at, count }, place) => ({
      key: `${place} ${step}`,
      cells: { step: stepWords(step), at: moment(at), count },
    }))}
  />
);

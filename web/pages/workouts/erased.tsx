/** What an erasure of workouts has done, and what is still to come, by its receipt. */
import { Link } from "wouter";
import { useArrival } from "../../design/use-arrival.ts";
import { ReceiptCard } from "../../receipts/receipt-card.tsx";

export function Erased({ receipt }: { readonly receipt: string }) {
  const said = useArrival<HTMLParagraphElement>();
  return (
    <>
      <h1>Erased</h1>
      <p className="arrived" role="status" ref={said} tabIndex={-1}>
        The workout is gone. This is what was done, and you can come back to it.
      </p>
      <ReceiptCard id={receipt} />
      <p>
        <Link href="/workouts">All workouts</Link>
      </p>
    </>
  );
}

/** Erasing: workouts or samples of a time that is chosen, or everything there is. */
import { useState } from "react";
import { ReceiptCard } from "../../receipts/receipt-card.tsx";
import { EraseAll } from "./erase-all.tsx";
import { EraseWindow } from "./erase-window.tsx";

export function Erase() {
  const [receipt, setReceipt] = useState<string | null>(null);
  return (
    <>
      {receipt === null ? null : (
        <div className="stack" role="status">
          <p className="note good">It is erased. This is the receipt.</p>
        </div>
      )}
      {receipt === null ? null : <ReceiptCard id={receipt} />}
      <div className="data-two">
        <EraseWindow onErased={setReceipt} />
        <EraseAll />
      </div>
    </>
  );
}

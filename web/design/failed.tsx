/** Why a deed did not come about, beside what asked for it. */
import { WhatFailed } from "./card.tsx";

export const Failed = ({ error }: { readonly error: Error | null }) =>
  error === null ? null : (
    <div className="note bad" role="alert">
      <WhatFailed error={error} />
    </div>
  );

/** Why a deed did not come about, beside the button that asked for it. */
import { WhatFailed } from "../../design/card.tsx";

export const Failed = ({ error }: { readonly error: Error | null }) =>
  error === null ? null : (
    <p className="note bad" role="alert">
      <WhatFailed error={error} />
    </p>
  );

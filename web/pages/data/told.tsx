/** What came of a deed, said to eyes and ears: that it is done, or what went wrong. */
import type { ReactNode } from "react";
import { WhatFailed } from "../../design/card.tsx";

/** The place is there before the words are, so that they are read out. */
export const Done = ({ children }: { readonly children: ReactNode }) => (
  <div role="status" className="told">
    {children ? <div className="note good">{children}</div> : null}
  </div>
);

export const Failed = ({ error }: { readonly error: Error | null }) =>
  error === null ? null : (
    <div className="note bad" role="alert">
      <WhatFailed error={error} />
    </div>
  );

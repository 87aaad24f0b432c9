/** That a deed is done, said to eyes and ears. */
import type { ReactNode } from "react";

/** The place is there before the words are, so that they are read out. */
export const Done = ({ children }: { readonly children: ReactNode }) => (
  <div role="status" className="told">
    {children ? <div className="note good">{children}</div> : null}
  </div>
);

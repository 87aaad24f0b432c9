/** The code that an invitation brought, taken off the address so that no history keeps it. */
import { useEffect, useState } from "react";
import { codeIn } from "./invitation.ts";

/** A fragment of the page itself is no code. */
const places = ["", "page"];

export function useBroughtCode(): string {
  const [code] = useState(() => codeIn(location.hash));
  useEffect(() => {
    if (places.includes(codeIn(location.hash))) return;
    history.replaceState(history.state, "", location.pathname + location.search);
  }, []);
  return places.includes(code) ? "" : code;
}

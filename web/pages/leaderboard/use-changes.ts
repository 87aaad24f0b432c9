/** Whose row changed just now, for as long as it is marked. Another board's rows are no change. */
import { useEffect, useRef, useState } from "react";
import type { Standing } from "./amounts.ts";
import { changedMembers } from "./live-top.ts";

const markedMs = 6_000;
const nobody: ReadonlySet<string> = new Set();

export function useChanges(scope: string, items: readonly Standing[]): ReadonlySet<string> {
  const before = useRef<{ scope: string; items: readonly Standing[] } | null>(null);
  const [changed, setChanged] = useState(nobody);
  useEffect(() => {
    const former = before.current;
    before.current = { scope, items };
    if (former?.scope !== scope) {
      setChanged(nobody);
      return;
    }
    const now = changedMembers(former.items, items);
    if (now.size > 0) setChanged(now);
  }, [scope, items]);
  useEffect(() => {
    if (changed.size === 0) return;
    const timer = setTimeout(() => setChanged(nobody), markedMs);
    return () => clearTimeout(timer);
  }, [changed]);
  return changed;
}

/**
 * Going on to another place of the same page: its top is shown and the focus is there. Going back is
 * the browser's, which knows how far down one was.
 */
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

export function useNewPlace(): void {
  const [at] = useLocation();
  const former = useRef(at);
  const isBack = useRef(false);
  useEffect(() => {
    const back = () => {
      isBack.current = true;
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  useEffect(() => {
    if (former.current === at) return;
    former.current = at;
    const wasBack = isBack.current;
    isBack.current = false;
    if (wasBack) return;
    document.getElementById("page")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [at]);
}

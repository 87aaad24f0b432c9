/** Takes whoever reads by ear or keyboard to what has just appeared. */
import { type RefObject, useEffect, useRef } from "react";

/** For an element with `tabIndex={-1}`: it is focused once it is there. */
export function useArrival<E extends HTMLElement>(): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    // A dialog that closes meanwhile gives the focus back first.
    const frame = requestAnimationFrame(() =>
      requestAnimationFrame(() => element.current?.focus({ preventScroll: true })),
    );
    return () => cancelAnimationFrame(frame);
  }, []);
  return element;
}

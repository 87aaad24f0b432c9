/** Whether an element can be seen between the top of the window and what is pinned at its end. */
import { useEffect, useState } from "react";

/** The pinned row and, on a phone, the bar below it. */
const pinnedMargin = "0px 0px -120px 0px";

/** `ref` goes on the element; one that is not there is not in sight. */
export function useInSight(): {
  readonly ref: (element: Element | null) => void;
  readonly isInSight: boolean;
} {
  const [element, ref] = useState<Element | null>(null);
  const [isInSight, setInSight] = useState(false);
  useEffect(() => {
    setInSight(false);
    if (element === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => setInSight(entry?.isIntersecting === true),
      { rootMargin: pinnedMargin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return { ref, isInSight };
}

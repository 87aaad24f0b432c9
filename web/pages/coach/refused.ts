/**
 * What a look comes to once the member has taken the consent back: nothing of what was seen before is
 * shown any longer, and the refusal is said in words.
 */
import { Problem } from "../../api/problem.ts";
import type { Loaded } from "../../design/card.tsx";

const said =
  "They do not let you see this any more, or not for this purpose. The attempt is in their log. Ask them to allow it again if you need it.";

const isRefusal = (error: Error | null): error is Problem =>
  error instanceof Problem && error.name === "forbidden";

export function asRefused<T>(query: Loaded<T>): Loaded<T> {
  const { error } = query;
  if (!isRefusal(error)) return query;
  const { status, requestId } = error;
  const type = "urn:singlet:problem:forbidden";
  const inWords = new Problem(
    status,
    { type, title: said, ...(requestId === null ? {} : { requestId }) },
    null,
  );
  return { data: undefined, error: inWords, dataUpdatedAt: 0, refetch: () => query.refetch() };
}

/** Following somebody from their row: one press, and one back. */
import { ToggleButton } from "react-aria-components";
import { Failed } from "../../design/failed.tsx";
import { nameOf, type Standing } from "./amounts.ts";
import type { Following } from "./use-following.ts";

interface StarProps {
  readonly entry: Pick<Standing, "member" | "name">;
  readonly following: Following;
}

export const Star = ({ entry, following }: StarProps) => {
  const isOn = following.has(entry.member);
  return (
    <ToggleButton
      className="star"
      aria-label={`Follow ${nameOf(entry)}`}
      isSelected={isOn}
      isDisabled={following.isPending}
      onChange={() => following.toggle(entry.member)}
    >
      <span aria-hidden="true">{isOn ? "★" : "☆"}</span>
    </ToggleButton>
  );
};

/** What following came to. */
export const FollowSaid = ({ following: { said, error } }: { readonly following: Following }) => (
  <>
    <p className="small soft" role="status">
      {said}
    </p>
    <Failed error={error} />
  </>
);

/** Something to take along by hand: shown whole, selected by a press, copied by a button. */
import { useId, useState } from "react";
import { Button } from "./controls.tsx";

interface CopyProps {
  readonly label: string;
  readonly value: string;
}

export function Copy({ label, value }: CopyProps) {
  const id = useId();
  const [said, setSaid] = useState<"" | "Copied" | "Select it and copy it by hand">("");
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setSaid("Copied"),
      () => setSaid("Select it and copy it by hand"),
    );
  return (
    <div className="field copy">
      <label htmlFor={id}>{label}</label>
      <div className="row">
        <input id={id} value={value} readOnly onFocus={(event) => event.target.select()} />
        <Button aria-label={`Copy: ${label}`} onPress={() => void copy()}>
          Copy
        </Button>
      </div>
      <span role="status" className="small soft">
        {said}
      </span>
    </div>
  );
}

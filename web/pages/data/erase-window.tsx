/** Less than everything: the workouts, or the samples between them, of some days. */
import { useState } from "react";
import { addDays } from "../../../domain/time.ts";
import { useDeed } from "../../api/queries.ts";
import { Button, Confirm, Field, Segments } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { dayName } from "../../design/format.ts";
import { dayBegins, dayEnds } from "./log-words.ts";

const kinds = [
  { id: "workouts", name: "Workouts" },
  { id: "samples", name: "Samples" },
] as const;
type Kind = (typeof kinds)[number]["id"];

const madeOfSamples = [
  ...(["GET /v1/summary", "GET /v1/aggregates", "GET /v1/insights"] as const),
  "GET /v1/devices",
] as const;

/** As the API takes it. */
const yearDays = 366;

/** What is wrong with the days, in words; null: nothing. */
export function wrongDays(from: string, to: string): string | null {
  if (from === "" || to === "") return null;
  if (from > to) return "The last day comes before the first.";
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  return days > yearDays ? "At most a year at once." : null;
}

export function EraseWindow({ onErased }: { readonly onErased: (receipt: string) => void }) {
  const [kind, setKind] = useState<Kind>("workouts");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [isOpen, setOpen] = useState(false);
  const workouts = useDeed("DELETE /v1/workouts", ["GET /v1/workouts"]);
  const samples = useDeed("DELETE /v1/samples", madeOfSamples);
  const deed = kind === "workouts" ? workouts : samples;
  const wrong = wrongDays(from, to);
  const confirm = () =>
    deed.mutate(
      {
        // Samples go by days of UTC that are over when the window ends.
        query:
          kind === "samples"
            ? { from: `${from}T00:00:00Z`, to: `${addDays(to, 1)}T00:00:00Z` }
            : { from: dayBegins(from), to: dayEnds(to) },
      },
      {
        onSuccess: ({ id }) => {
          setOpen(false);
          onErased(id);
        },
      },
    );
  return (
    <section className="card" aria-labelledby="window">
      <header>
        <h2 id="window">Some days</h2>
      </header>
      <Segments label="What to erase" choices={kinds} value={kind} onChange={setKind} />
      <p className="small soft">
        {kind === "workouts"
          ? "Every workout that covers any of these days, with all of its records and readings."
          : "Steps, heart, nights and all that was measured between workouts. Days are taken whole, by UTC, and only once they are over."}
      </p>
      <div className="pair">
        <Field label="First day" type="date" value={from} onChange={setFrom} />
        <Field label="Last day" type="date" value={to} onChange={setTo} wrong={wrong} />
      </div>
      <div>
        <Button
          kind="danger"
          isDisabled={from === "" || to === "" || wrong !== null}
          onPress={() => setOpen(true)}
        >
          Erase these days
        </Button>
      </div>
      <Confirm
        title={`Erase ${kind}?`}
        deed={`Erase ${kind}`}
        isOpen={isOpen}
        isPending={deed.isPending}
        isDanger
        onClose={() => setOpen(false)}
        onConfirm={confirm}
      >
        <p>
          From {from === "" ? "" : dayName(from)} to {to === "" ? "" : dayName(to)}. Their keys are
          destroyed, boards are corrected, exports you had are dropped. This cannot be undone, and
          no provider brings it back by itself.
        </p>
        <Failed error={deed.error} />
      </Confirm>
    </section>
  );
}

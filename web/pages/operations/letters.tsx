/** What could not go on: changes that the archive could not take, and items that nobody could read. */
import { DeadLettersCard } from "./dead-letters.tsx";
import { ParkedCard } from "./parked.tsx";

export function LettersPart() {
  return (
    <>
      <DeadLettersCard />
      <ParkedCard />
    </>
  );
}

/** What became of a file, in words: what was taken of it, and the reason for each part that was not. */
import { Problem, Unreachable } from "../../api/problem.ts";
import type { FilesAnswer } from "../../api/upload.ts";
import { many } from "../../design/many.ts";

export interface Line {
  readonly mood: "good" | "plain" | "warn" | "bad";
  readonly text: string;
}

const taken = ({ imported, duplicates, corrected }: FilesAnswer): Line[] => [
  ...(imported > 0
    ? [{ mood: "good", text: `${many(imported, "workout")} imported.` } as const]
    : []),
  ...(corrected > 0
    ? [{ mood: "good", text: `${many(corrected, "workout")} corrected.` } as const]
    : []),
  ...(duplicates > 0
    ? [
        {
          mood: "plain",
          text: `${many(duplicates, "workout")} known already: nothing was added, and nothing counts twice.`,
        } as const,
      ]
    : []),
];

/** Files and workouts are named only where there are several: of one file everybody knows which. */
export function wordsOf(answer: FilesAnswer): Line[] {
  const { files, errorDetails } = answer;
  const fileName = (index: number) => (files.length > 1 ? `File ${index + 1}: ` : "");
  const notes = files.flatMap((file, index) =>
    file.notes.map(({ message }): Line => ({ mood: "warn", text: fileName(index) + message })),
  );
  const errors = errorDetails.map(({ index, workout, message }): Line => {
    const ofSeveral = workout !== null && (files[index]?.workouts ?? 0) > 1;
    const place = ofSeveral ? `Workout ${workout + 1}: ` : "";
    return { mood: "bad", text: fileName(index) + place + message };
  });
  return [...taken(answer), ...notes, ...errors];
}

/** The same of a file of which nothing was taken. */
export function failureOf(error: Error): Line[] {
  if (error instanceof Unreachable)
    return [{ mood: "bad", text: "Singlet cannot be reached. Nothing of it was taken." }];
  if (error instanceof Problem && error.name === "too-large")
    return [{ mood: "bad", text: "It is larger than one upload may be (10 MB)." }];
  if (error instanceof Problem && error.errorDetails.length > 0)
    return error.errorDetails.map(({ message }) => ({ mood: "bad", text: message }));
  return [{ mood: "bad", text: error.message }];
}

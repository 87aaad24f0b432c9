/**
 * The verdict on one file. Accepted: something in it is understood, and what. Refused: it holds a
 * workout, or word of one, that is not read, and why. Ignored: it holds neither. A workout is never
 * ignored, also where no provider reads the folder.
 */
import { readFile } from "../../../providers/files/read.ts";
import { unpack, unpackBudget } from "../../../providers/files/unpack.ts";
import { fileItem, files } from "../../../providers/files.ts";
import type { Provider } from "../../../providers/provider.ts";
import { recordsOf } from "../../../providers/samples.ts";
import { type Content, contentOf, jsonIn } from "./content.ts";
import { isGreeting, isTableOfReadings, isVectors, proseOf, reasonOf } from "./reasons.ts";
import { inWords, momentOf, workoutsInWords } from "./say.ts";
import { isFormOfWorkout, isWordOfWorkout, workoutsIn } from "./shapes.ts";
import {
  delivery,
  type Found,
  nothingFound,
  type Read,
  readOf,
  receivedMs,
  understand,
} from "./understand.ts";
import { otherIn, vocabularyOf } from "./vocabulary.ts";

export interface Judged {
  readonly verdict: "accepted" | "ignored" | "refused";
  /** What was understood, or why not. */
  readonly what: string;
  readonly workouts: readonly Read[];
  readonly faults: readonly string[];
  readonly says: Readonly<Record<"notices" | "claims" | "links" | "ends" | "later", number>>;
  readonly metrics: readonly string[];
  /** Each as its record has it, a clock on the wall read as UTC: held against, and never said. */
  readonly readings?: readonly string[];
}

/** The provider of the folder; the folder's own name stands in for one that there is none of. */
export interface Folder {
  readonly name: string;
  readonly provider: Provider | undefined;
  /** Another whose bodies lie there too: it has the word where the first does not accept. */
  readonly also?: Provider;
}

export async function judge(bytes: Uint8Array<ArrayBuffer>, folder: Folder): Promise<Judged> {
  const first = await judgeAs(bytes, folder);
  if (folder.also === undefined || first.verdict === "accepted") return first;
  const other = await judgeAs(bytes, { name: folder.also.name, provider: folder.also });
  return other.verdict === "accepted" ? other : first;
}

async function judgeAs(bytes: Uint8Array<ArrayBuffer>, folder: Folder): Promise<Judged> {
  const content = contentOf(bytes);
  switch (content.is) {
    case "empty":
      return ignored("empty");
    case "binary":
      return ignored("bytes of no form that is read here");
    case "file":
      return imported(content.bytes);
    case "json":
      return judgeJson(content, folder);
    case "broken-json":
      return refused(["not-json"], "it begins as JSON and is none");
    default:
      return judgeText(content, folder);
  }
}

const none = { notices: 0, claims: 0, links: 0, ends: 0, later: 0 };
const ignored = (what: string): Judged => ({
  verdict: "ignored",
  what,
  workouts: [],
  faults: [],
  says: none,
  metrics: [],
});
const refused = (faults: readonly string[], why: string): Judged => ({
  ...ignored(`${[...new Set(faults)].join(", ")}: ${why}`),
  verdict: "refused",
  faults,
});

const unread = ({ name }: Folder): string =>
  name === "" ? "no provider: it lies in no folder of one" : `no provider \`${name}\` yet`;

type Json = Omit<Extract<Content, { is: "json" }>, "is">;

function judgeJson({ value, text, asItCame }: Json, folder: Folder): Judged {
  const { provider } = folder;
  if (isGreeting(value, provider?.greeting))
    return ignored("a greeting: it is answered, and nothing follows from it");
  if (isVectors(value)) return ignored("signature vectors");
  const reason = reasonOf(value);
  if (provider !== undefined) {
    const found = understand(provider, value, text);
    const isTooLarge = Buffer.byteLength(text) > provider.facts.bodyBytesMax;
    if (found.as === "delivery" && (!asItCame || isTooLarge)) found.as = null;
    const judged = ofFound(found);
    if (judged !== null && !(isSetup(reason) && judged.verdict === "refused")) return judged;
    if (found.unknown > 0 && reason === null && !isWordOfWorkout(value)) {
      return ignored(unknownText(found, provider));
    }
  } else {
    const held = workoutsIn(value).length;
    if (held > 0 && !isSetup(reason))
      return refused(["no-provider"], `${unread(folder)}; it holds ${count(held, "workout")}`);
  }
  if (reason !== null) return ignored(reason);
  if (isWordOfWorkout(value))
    return provider === undefined
      ? refused(["no-provider"], `${unread(folder)}; it is word of a workout`)
      : refused(["not-understood"], "word of a workout, in no form that is read here");
  const other = otherIn(vocabularyOf(provider?.name), value);
  if (other !== null) return ignored(other);
  return ignored(
    provider === undefined
      ? `${unread(folder)}, and no workout in it`
      : `no workout in it, and nothing that ${provider.name} is read for`,
  );
}

const unknownText = ({ unknown }: Found, { name }: Provider): string =>
  `${unknown === 1 ? "1 entry" : `${unknown} entries`} of no kind that ${name} is read for`;

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Made by people about workouts, and no workouts: facts that were measured in files. */
const isSetup = (reason: string | null): boolean => reason === "what was measured in files";

function judgeText(
  content: Extract<Content, { is: "form" | "text" | "xml" }>,
  folder: Folder,
): Judged {
  const { provider } = folder;
  const { text } = content;
  if (provider !== undefined) {
    const found = nothingFound();
    if (delivery(provider, text, found, true)) {
      found.as = "delivery";
      return ofFound(found) ?? ignored("nothing in it");
    }
    const isWord = content.is === "form" && isFormOfWorkout(content.fields);
    if (found.unknown > 0 && !isWord) return ignored(unknownText(found, provider));
  }
  const why = provider === undefined ? unread(folder) : `not in a form that ${provider.name} sends`;
  const slug = provider === undefined ? "no-provider" : "not-understood";
  if (content.is === "form") {
    for (const [, said] of content.fields) {
      const inner = jsonIn(said);
      if (inner !== undefined)
        return judgeJson({ value: inner, text: said, asItCame: false }, folder);
    }
    if (isFormOfWorkout(content.fields)) return refused([slug], `${why}; it is word of a workout`);
    return ignored(`a form without a workout; ${why}`);
  }
  if (content.is === "xml") {
    if (content.root === "schema") return ignored("a schema");
    if (/<(\w+:)?Workout[\s>]/.test(text))
      return refused(
        ["not-understood"],
        `XML (${content.root}) with a workout in it, not read here`,
      );
    return ignored(`XML (${content.root}) without a workout`);
  }
  if (isTableOfReadings(text))
    return refused(["not-understood"], "rows of a recording, not read here");
  return ignored(proseOf(text));
}

/** Whether a provider's door would have taken the whole body for a delivery. */
const ofTheDoor = {
  delivery: "",
  answer: "; as an answer of its API: its door would not take it as it stands",
  inside: "; its door would not take it as it stands",
};

/** Null: nothing was found in it. */
function ofFound(found: Found): Judged | null {
  const workouts = found.drafts.flatMap((draft) => readOf(draft) ?? []);
  const gone = found.drafts.length - workouts.length;
  const said = {
    notices: found.notices.length,
    claims: found.claims.length,
    links: found.links.length,
    ends: found.ends.length,
    later: found.later.length + found.laterItems,
  };
  const others = Object.values(said).reduce((a, b) => a + b) + found.samples.length;
  const metrics = [...new Set(found.samples.map(({ metric }) => metric))];
  const { faults } = found;
  if (workouts.length + gone + others === 0) {
    if (faults.length > 0) return refused(faults, count(faults.length, "workout"));
    if (found.sampleFaults.length > 0) return refused(found.sampleFaults, "readings");
    return null;
  }
  // Of a body all of whose workouts are refused, the rest does not count.
  const verdict =
    faults.length > 0 && workouts.length + gone + found.notices.length === 0
      ? "refused"
      : "accepted";
  const remark = verdict === "accepted" ? ofTheDoor[found.as ?? "inside"] : "";
  const what = `${inWords(found, workouts, gone)}${remark}`;
  return { verdict, what, workouts, faults, says: said, metrics, readings: readingsOf(found) };
}

const readingsOf = ({ samples }: Found): readonly string[] =>
  recordsOf(samples, "corpus", [], receivedMs).flatMap((result) =>
    (result.ok ? [result.value] : []).flatMap(({ metric, samples: of }) =>
      of.map(({ fromMs, toMs, value, stage }) => {
        const said = [metric, momentOf(fromMs), momentOf(toMs), value, stage ?? ""];
        return said.join(" ").trimEnd();
      }),
    ),
  );

/** The whole way of an upload: unpacked, read, and each session made a draft. */
async function imported(bytes: Uint8Array): Promise<Judged> {
  const workouts: Read[] = [];
  const faults: string[] = [];
  const notes = new Set<string>();
  let file = 0;
  for (const unpacked of unpack(bytes, unpackBudget())) {
    if ("refused" in unpacked) {
      faults.push(unpacked.refused);
      continue;
    }
    const read = readFile(unpacked.bytes);
    if (read.refused !== null) faults.push(read.refused);
    for (const note of read.notes) notes.add(note);
    for (const session of read.sessions) {
      const { kind, body } = fileItem(`corpus-${file}`, session);
      const draft = files.normalise(kind, body, receivedMs);
      if (!draft.ok) faults.push(draft.error);
      else workouts.push(readOf(draft.value) as Read);
    }
    file++;
  }
  if (workouts.length === 0) return refused(faults, "by the import of files");
  const said = notes.size === 0 ? "" : `; noted: ${[...notes].join(", ")}`;
  const what = `${workoutsInWords(workouts)}${faultsInWords(faults)}${said}`;
  return { ...ignored(what), verdict: "accepted", workouts, faults };
}

const faultsInWords = (faults: readonly string[]): string =>
  faults.length === 0 ? "" : `; refused: ${faults.join(", ")}`;

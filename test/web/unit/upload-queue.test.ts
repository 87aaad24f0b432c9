/** Files on their way in: one at a time, each with its own end. */
import { describe, expect, it } from "vitest";
import { Problem, Unreachable } from "../../../web/api/problem.ts";
import type { FilesAnswer, Uploading } from "../../../web/api/upload.ts";
import { UploadQueue } from "../../../web/pages/workouts/upload-queue.ts";
import { failureOf, wordsOf } from "../../../web/pages/workouts/upload-words.ts";

const none: FilesAnswer = {
  ...{ imported: 0, duplicates: 0, corrected: 0, errors: 0 },
  ...{ files: [], errorDetails: [] },
};

interface Sent extends Uploading {
  readonly name: string;
  answer(answer: FilesAnswer): void;
  fail(error: Error): void;
}

/** A queue whose sending ends when the test says so. */
function played() {
  const sent: Sent[] = [];
  const queue = new UploadQueue(
    (file, how) =>
      new Promise((answer, fail) => {
        sent.push({ ...how, name: file.name, answer, fail });
        how.signal.addEventListener("abort", () => fail(how.signal.reason));
      }),
  );
  let recorded = 0;
  const add = (...names: string[]) =>
    queue.add(
      names.map((name) => new File(["x"], name)),
      () => {
        recorded++;
      },
    );
  const states = () => queue.now().map(({ state }) => state.at);
  const settled = () => new Promise((done) => setTimeout(done));
  return { queue, sent, add, states, settled, recorded: () => recorded };
}

describe("files on their way in", () => {
  it("go one at a time, in order, and the next begins when one ends, however it ends", async () => {
    const { sent, add, states, settled, recorded } = played();
    add("a", "b", "c");
    expect(states()).toEqual(["sending", "waiting", "waiting"]);
    sent[0]?.sent(0.5);
    sent[0]?.answer(none);
    await settled();
    expect(states()).toEqual(["done", "sending", "waiting"]);
    sent[1]?.fail(new Unreachable());
    await settled();
    expect(states()).toEqual(["done", "failed", "sending"]);
    sent[2]?.answer(none);
    await settled();
    expect(states()).toEqual(["done", "failed", "done"]);
    expect(sent.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(recorded()).toBe(2);
  });

  it("tell how much of them has left", () => {
    const { queue, sent, add } = played();
    add("a");
    sent[0]?.sent(0.25);
    expect(queue.now()[0]?.state).toEqual({ at: "sending", share: 0.25 });
  });

  it("are cancelled while they wait and while they go, and can be tried again", async () => {
    const { queue, sent, add, states, settled } = played();
    add("a", "b");
    const [a, b] = queue.now().map(({ id }) => id);
    queue.cancel(b ?? 0);
    queue.cancel(a ?? 0);
    await settled();
    expect(states()).toEqual(["cancelled", "cancelled"]);
    expect(sent).toHaveLength(1);
    queue.again(b ?? 0);
    expect(states()).toEqual(["cancelled", "sending"]);
    sent[1]?.answer(none);
    await settled();
    expect(states()).toEqual(["cancelled", "done"]);
  });

  it("are forgotten with the session, the one under way too", async () => {
    const { queue, sent, add, states, settled } = played();
    add("a", "b");
    queue.clear();
    await settled();
    expect(sent[0]?.signal.aborted).toBe(true);
    expect(sent).toHaveLength(1);
    expect(states()).toEqual([]);
  });

  it("leave the list when they ended and it is cleared, those under way stay", async () => {
    const { queue, sent, add, settled } = played();
    add("a", "b");
    sent[0]?.answer(none);
    await settled();
    queue.clearEnded();
    expect(queue.now().map(({ name }) => name)).toEqual(["b"]);
  });
});

describe("what became of a file", () => {
  const one = { format: "gpx" as const, workouts: 1, notes: [] };

  it("is said in counts of workouts", () => {
    const answer = { ...none, imported: 2, duplicates: 1, files: [one] };
    expect(wordsOf(answer).map(({ text }) => text)).toEqual([
      "2 workouts imported.",
      "1 workout known already: nothing was added, and nothing counts twice.",
    ]);
  });

  it("names the place of a fault only where there are several", () => {
    const fault = { code: "no-time", message: "Nothing in it says when it happened." };
    const alone = {
      ...none,
      errors: 1,
      files: [one],
      errorDetails: [{ index: 0, workout: null, ...fault }],
    };
    expect(wordsOf(alone)).toEqual([{ mood: "bad", text: fault.message }]);
    const second = { ...one, workouts: 2 };
    const several = {
      ...alone,
      files: [one, second],
      errorDetails: [{ index: 1, workout: 1, ...fault }],
    };
    expect(wordsOf(several)[0]?.text).toBe(`File 2: Workout 2: ${fault.message}`);
  });

  it("is said of a refusal too: each reason, its size, or that nobody answered", () => {
    const details = [{ code: "empty", message: "There is nothing in it." }];
    const refused = new Problem(422, { title: "x", errorDetails: details }, null);
    expect(failureOf(refused)).toEqual([{ mood: "bad", text: "There is nothing in it." }]);
    const large = new Problem(413, { type: "urn:singlet:problem:too-large" }, null);
    expect(failureOf(large)[0]?.text).toMatch(/10 MB/);
    expect(failureOf(new Unreachable())[0]?.text).toMatch(/cannot be reached/);
  });
});

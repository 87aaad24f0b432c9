/** R2: what writes or lists is class A, what reads is class B, deleting is free. */
import { type Busy, tally } from "./counters.ts";

const classes: Readonly<Record<string, "R2 class A" | "R2 class B">> = {
  put: "R2 class A",
  list: "R2 class A",
  createMultipartUpload: "R2 class A",
  uploadPart: "R2 class A",
  complete: "R2 class A",
  get: "R2 class B",
  head: "R2 class B",
};
const uploads: readonly string[] = ["createMultipartUpload", "resumeMultipartUpload"];

/** A bucket, or an upload in parts to one. */
export function billedBucket<T extends object>(real: T, part: string, busy: Busy): T {
  return new Proxy(real, {
    get(of, name) {
      const method: unknown = Reflect.get(of, name, of);
      if (typeof method !== "function" || typeof name !== "string") return method;
      return (...args: unknown[]) => {
        const unit = classes[name];
        if (unit !== undefined) tally.add(part, unit, 1, name);
        const made = method.apply(of, args);
        if (name === "resumeMultipartUpload") return billedBucket(made, part, busy);
        return busy.during(async () => {
          const answer = await made;
          return uploads.includes(name) ? billedBucket(answer, part, busy) : answer;
        });
      };
    },
  });
}

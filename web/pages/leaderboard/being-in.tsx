/** Joining a challenge and leaving it, with a code where it takes one. */
import { type FormEvent, useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Button, Confirm, Field } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { type Challenge, mayJoin } from "./rules.ts";
import type { Viewer } from "./use-viewer.ts";

const old = [
  "GET /v1/challenges",
  "GET /v1/challenges/{id}",
  "GET /v1/challenges/{id}/standings",
  "GET /v1/challenges/{id}/standings/me",
] as const;
const codeCharsMax = 64;

interface BeingInProps {
  readonly challenge: Challenge;
  readonly code: string;
}

export function BeingIn({ challenge, code }: BeingInProps) {
  if (challenge.joined) return <Leave challenge={challenge} />;
  if (!mayJoin(challenge)) return <p className="soft">It can be joined no more.</p>;
  return <Join id={challenge.id} byCode={challenge.joining === "code"} code={code} />;
}

interface JoinProps {
  readonly id: string;
  readonly byCode: boolean;
  readonly code: string;
}

function Join({ id, byCode, code }: JoinProps) {
  const [typed, setTyped] = useState(code);
  const join = useDeed("PUT /v1/challenges/{id}/me", old);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate({ params: { id }, body: byCode ? { code: typed.trim() } : {} });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="small soft">
        Whoever joins is shown on its standings, by name and with what they score by its rules, to
        everybody who may see it. You can leave at any time.
      </p>
      {byCode ? (
        <Field label="Code" value={typed} onChange={setTyped} maxLength={codeCharsMax} isRequired />
      ) : null}
      <Failed error={join.error} />
      <div>
        <Button kind="main" type="submit" isPending={join.isPending}>
          Join the challenge
        </Button>
      </div>
    </form>
  );
}

function Leave({ challenge: { id } }: { readonly challenge: Challenge }) {
  const [isAsking, setAsking] = useState(false);
  const leave = useDeed("DELETE /v1/challenges/{id}/me", old);
  return (
    <>
      <p role="status">You are in this challenge.</p>
      <div>
        <Button onPress={() => setAsking(true)}>Leave the challenge</Button>
      </div>
      <Confirm
        title="Leave the challenge?"
        deed="Leave the challenge"
        isOpen={isAsking}
        isPending={leave.isPending}
        isDanger
        onClose={() => setAsking(false)}
        onConfirm={() => leave.mutate({ params: { id } }, { onSuccess: () => setAsking(false) })}
      >
        <p>You are taken off its standings at once, live and final ones.</p>
        <p className="small soft">
          It can be undone until its last day is over: join again, and what you did counts.
        </p>
        <Failed error={leave.error} />
      </Confirm>
    </>
  );
}

interface ByCodeProps {
  readonly id: string;
  readonly code: string;
  readonly viewer: Viewer;
}

/** One that is not there and one that is by invitation look alike from outside. */
export const ByCode = ({ id, code, viewer }: ByCodeProps) => (
  <section className="card" aria-labelledby="by-code">
    <h2 id="by-code">There is no such challenge for you</h2>
    <p>It was ended, or never was, or is only there for those who were invited.</p>
    {viewer.state === "member" ? <Join id={id} byCode code={code} /> : null}
  </section>
);

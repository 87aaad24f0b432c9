/** A team of mine: who of it is on boards, inviting others, leaving. For whom was invited: joining. */
import { type FormEvent, useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { Problem } from "../../api/problem.ts";
import { useDeed, useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Button, Confirm, Field } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { number } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { MembersOnly } from "../../session/members-only.tsx";
import { nameOf } from "./amounts.ts";
import { searchOf } from "./choice.ts";
import { useChoice } from "./choices.tsx";
import { FollowSaid, Star } from "./follow.tsx";
import { Frame } from "./frame.tsx";
import { ToldCode } from "./told-code.tsx";
import { useBroughtCode } from "./use-code.ts";
import { useFollowing } from "./use-following.ts";

const pageSize = 50;
const old = ["GET /v1/teams", "GET /v1/teams/{id}", "GET /v1/teams/standings"] as const;
const codeCharsMax = 64;

export function TeamPage() {
  const { id = "" } = useParams<{ id: string }>();
  const code = useBroughtCode();
  return (
    <MembersOnly why="To see a team, or join it by an invitation, sign in.">
      {({ id: me }) => (
        <Frame title="Team">
          <p>
            <Link href="/leaderboard/teams">All teams</Link>
          </p>
          <Team id={id} me={me} code={code} />
        </Frame>
      )}
    </MembersOnly>
  );
}

interface TeamProps {
  readonly id: string;
  readonly me: string;
  readonly code: string;
}

function Team({ id, me, code }: TeamProps) {
  const list = useList("GET /v1/teams/{id}", { params: { id }, query: { limit: pageSize } });
  const { query: friends, following } = useFollowing(true);
  const { choice } = useChoice(Date.now());
  const isNotIn = list.error instanceof Problem && list.error.name === "not-found";
  if (isNotIn) return <Join id={id} code={code} />;
  return (
    <Card
      id="team"
      title={list.data?.first.name ?? "Team"}
      query={list}
      others={[friends]}
      rows={10}
    >
      {({ first, items }) => (
        <>
          <p className="soft">
            {number(first.members)} {first.members === 1 ? "member" : "members"},{" "}
            {number(items.length)}
            {list.hasNextPage ? " or more" : ""} of them on boards and named here.{" "}
            <Link href={`/leaderboard${searchOf({ ...choice, among: id }, Date.now())}`}>
              The board among them
            </Link>
          </p>
          <ul className="plain mates">
            {items.map((mate) => (
              <li key={mate.member} className="row apart">
                {nameOf(mate)}
                {mate.member === me ? (
                  <span className="soft">You</span>
                ) : (
                  <Star entry={mate} following={following} />
                )}
              </li>
            ))}
          </ul>
          <More list={list} />
          <FollowSaid following={following} />
          <div className="row">
            <Invite id={id} />
            <Leave id={id} members={first.members} />
          </div>
        </>
      )}
    </Card>
  );
}

function Join({ id, code }: Omit<TeamProps, "me">) {
  const [typed, setTyped] = useState(code);
  const join = useDeed("POST /v1/teams/{id}/members", old);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate({ params: { id }, body: { code: typed.trim() } });
  };
  return (
    <section className="card" aria-labelledby="join-team">
      <h2 id="join-team">You are not in this team</h2>
      <form className="stack" onSubmit={submit}>
        <p>
          One of its members can invite you. Your scores count in its sums then; your name is shown
          to the team only while you are on boards. You can leave at any time.
        </p>
        <Field label="Code" value={typed} onChange={setTyped} maxLength={codeCharsMax} isRequired />
        <Failed error={join.error} />
        <div>
          <Button kind="main" type="submit" isPending={join.isPending}>
            Join the team
          </Button>
        </div>
      </form>
    </section>
  );
}

function Invite({ id }: { readonly id: string }) {
  const [isAsking, setAsking] = useState(false);
  const renew = useDeed("PUT /v1/teams/{id}/code");
  if (renew.data !== undefined)
    return <ToldCode path={`/leaderboard/teams/${id}`} code={renew.data.code} />;
  return (
    <>
      <Button onPress={() => setAsking(true)}>New invitation</Button>
      <Confirm
        title="Make a new invitation?"
        deed="Make the invitation"
        isOpen={isAsking}
        isPending={renew.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => renew.mutate({ params: { id } }, { onSuccess: () => setAsking(false) })}
      >
        <p>
          Invitations that were sent before let nobody in any more. Whoever is in the team stays.
        </p>
        <Failed error={renew.error} />
      </Confirm>
    </>
  );
}

function Leave({ id, members }: { readonly id: string; readonly members: number }) {
  const [isAsking, setAsking] = useState(false);
  const [, go] = useLocation();
  // The team itself is not asked for again: it is there no more for who left.
  const leave = useDeed("DELETE /v1/teams/{id}/members/me", [
    "GET /v1/teams",
    "GET /v1/teams/standings",
  ]);
  return (
    <>
      <Button kind="danger" onPress={() => setAsking(true)}>
        Leave the team
      </Button>
      <Confirm
        title="Leave the team?"
        deed="Leave the team"
        isOpen={isAsking}
        isPending={leave.isPending}
        isDanger
        onClose={() => setAsking(false)}
        onConfirm={() =>
          leave.mutate({ params: { id } }, { onSuccess: () => go("/leaderboard/teams") })
        }
      >
        <p>
          Your scores count in its sums no more.{" "}
          {members === 1
            ? "You are the last one: the team ends with it, and that cannot be undone."
            : "To come back you need an invitation."}
        </p>
        <Failed error={leave.error} />
      </Confirm>
    </>
  );
}

/** The teams that I am in; making one, and joining one by its invitation. */
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Answer } from "../../api/client.ts";
import { useDeed, type useList } from "../../api/queries.ts";
import { Card, type Loaded } from "../../design/card.tsx";
import { Button, Dialog, Field } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { number } from "../../design/format.ts";
import { amount, place } from "./amounts.ts";
import { parseInvitation } from "./invitation.ts";
import { ToldCode } from "./told-code.tsx";

type Teams = Answer<"GET /v1/teams">;
const nameCharsMax = 60;
const old = ["GET /v1/teams", "GET /v1/teams/standings"] as const;

interface MyTeamsProps {
  readonly teams: Loaded<Teams>;
  readonly standings: ReturnType<typeof useList<"GET /v1/teams/standings">>;
}

export function MyTeams({ teams, standings }: MyTeamsProps) {
  const { first, items = [] } = standings.data ?? {};
  const scores = new Map(items.map((entry) => [entry.team, entry]));
  const said = (team: string): string => {
    const { rank = null, score = null } = scores.get(team) ?? {};
    if (first === undefined || rank === null || score === null) return "";
    return ` · ${place(rank)}, ${amount(first.unit, score)}`;
  };
  return (
    <>
      <Card
        id="teams"
        title="My teams"
        query={teams}
        others={[standings]}
        isEmpty={(data) => data.items.length === 0}
        empty={
          <>
            <p>You are in no team.</p>
            <p className="soft small">
              A team's number is the sum of all its members', also of those who are on no board; of
              no one of them more than boards show.
            </p>
          </>
        }
        rows={6}
      >
        {(data) => (
          <ul className="plain stack">
            {data.items.map(({ id, name, members }) => (
              <li key={id}>
                <Link href={`/leaderboard/teams/${id}`} className="row-link">
                  {name}
                </Link>
                <br />
                <span className="small soft">
                  {number(members)} {members === 1 ? "member" : "members"}
                  {said(id)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {/* Beside the card: what a dialog tells once outlives that the first team is there. */}
      <div className="row">
        <MakeTeam />
        <JoinTeam />
      </div>
    </>
  );
}

function MakeTeam() {
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState("");
  const make = useDeed("POST /v1/teams", old);
  const close = () => {
    setOpen(false);
    setName("");
    make.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ body: { name: name.trim() } });
  };
  return (
    <>
      <Button onPress={() => setOpen(true)}>Make a team</Button>
      <Dialog title="Make a team" isOpen={isOpen} onClose={close}>
        {make.data === undefined ? (
          <form className="stack" onSubmit={submit}>
            <p className="small soft">Everybody can see its name. You are its first member.</p>
            <Field
              label="Its name"
              value={name}
              onChange={setName}
              maxLength={nameCharsMax}
              isRequired
            />
            <Failed error={make.error} />
            <div>
              <Button kind="main" type="submit" isPending={make.isPending}>
                Make the team
              </Button>
            </div>
          </form>
        ) : (
          <>
            <p role="status">{make.data.name} is there, and you are in it.</p>
            <ToldCode path={`/leaderboard/teams/${make.data.id}`} code={make.data.code} />
            <div>
              <Button onPress={close}>Close</Button>
            </div>
          </>
        )}
      </Dialog>
    </>
  );
}

function JoinTeam() {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [, go] = useLocation();
  const join = useDeed("POST /v1/teams/{id}/members", old);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const invited = parseInvitation(text);
    setWrong(invited === null ? "This is no invitation. Paste the whole link." : null);
    if (invited === null) return;
    join.mutate(
      { params: { id: invited.id }, body: { code: invited.code } },
      { onSuccess: () => go(`/leaderboard/teams/${invited.id}`) },
    );
  };
  return (
    <>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        Join a team
      </Button>
      <Dialog title="Join a team" isOpen={isOpen} onClose={() => setOpen(false)}>
        <form className="stack" onSubmit={submit}>
          <p className="small soft">
            Your scores count in the team's sums. Its members see your name only while you are on
            boards. You can leave at any time.
          </p>
          <Field
            label="The invitation you were sent"
            value={text}
            onChange={(typed) => {
              setText(typed);
              // As long as it is said to be wrong, the form is not sent.
              setWrong(null);
            }}
            wrong={wrong}
            isRequired
          />
          <Failed error={join.error} />
          <div>
            <Button kind="main" type="submit" isPending={join.isPending}>
              Join the team
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

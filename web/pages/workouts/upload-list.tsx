/** Each file that was added: how far it is, and what became of it. */
import { Link } from "wouter";
import { Badge, Button } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { Progress } from "../../design/progress.tsx";
import type { Upload, UploadState } from "./upload-queue.ts";
import { failureOf, type Line, wordsOf } from "./upload-words.ts";
import { uploads as queue } from "./uploads.ts";

const bytesPerMb = 1_000_000;
const size = (bytes: number): string =>
  bytes < bytesPerMb / 10
    ? `${number(Math.ceil(bytes / 1_000))} kB`
    : `${number(bytes / bytesPerMb, 1)} MB`;

export function UploadList({ uploads }: { readonly uploads: readonly Upload[] }) {
  if (uploads.length === 0) return null;
  const isOpen = uploads.some(({ state }) => state.at === "waiting" || state.at === "sending");
  const hasTaken = uploads.some(({ state }) => state.at === "done");
  return (
    <>
      <ul className="plain" aria-label="Files">
        {uploads.map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
      {isOpen ? null : (
        <div className="row">
          {hasTaken ? (
            <Link className="button" href="/workouts">
              See the workouts
            </Link>
          ) : null}
          <Button kind="quiet" onPress={() => queue.clearEnded()}>
            Clear this list
          </Button>
        </div>
      )}
    </>
  );
}

const badges: Readonly<Record<UploadState["at"], ReturnType<typeof Badge>>> = {
  waiting: <Badge>Waiting</Badge>,
  sending: <Badge mood="info">Sending</Badge>,
  done: <Badge mood="good">Read</Badge>,
  failed: <Badge mood="bad">Not taken</Badge>,
  cancelled: <Badge>Cancelled</Badge>,
};

function UploadRow({ upload: { id, name, bytes, state } }: { readonly upload: Upload }) {
  const isOpen = state.at === "waiting" || state.at === "sending";
  const canRepeat = state.at === "failed" || state.at === "cancelled";
  return (
    <li className="source-row stack">
      <div className="row apart">
        <span>
          <strong>{name}</strong> <span className="small soft">{size(bytes)}</span>
        </span>
        {badges[state.at]}
      </div>
      {state.at === "sending" ? (
        <>
          <Progress label={`Sending ${name}`} share={state.share} />
          <span className="small soft">
            {state.share < 1 ? `${number(state.share * 100)} % sent` : "Sent; it is being read"}
          </span>
        </>
      ) : null}
      <div role="status" className="small">
        {linesOf(state).map(({ mood, text }) => (
          <p key={text} className={mood === "plain" ? "" : `line ${mood}`}>
            {text}
          </p>
        ))}
      </div>
      {isOpen || canRepeat ? (
        <div>
          {isOpen ? (
            <Button kind="quiet" aria-label={`Cancel ${name}`} onPress={() => queue.cancel(id)}>
              Cancel
            </Button>
          ) : (
            <Button kind="quiet" aria-label={`Try ${name} again`} onPress={() => queue.again(id)}>
              Try again
            </Button>
          )}
        </div>
      ) : null}
    </li>
  );
}

function linesOf(state: UploadState): readonly Line[] {
  if (state.at === "done") return wordsOf(state.answer);
  if (state.at === "failed") return failureOf(state.error);
  return [];
}

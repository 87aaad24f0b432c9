/** Apple Health's export: read in this browser, piece by piece, with progress, and cancelled at any time. */
import { useQueryClient } from "@tanstack/react-query";
import type { Name } from "../../api/client.ts";
import { makeOld } from "../../api/queries.ts";
import { Badge, Button } from "../../design/controls.tsx";
import { Dropzone } from "../../design/dropzone.tsx";
import { number } from "../../design/format.ts";
import { Progress } from "../../design/progress.tsx";
import { type AppleImport, beginImport, cancelImport, useAppleImport } from "./apple-import.ts";
import type { ImportCounts } from "./apple-run.ts";

const samplesMakeOld: readonly Name[] = [
  "GET /v1/summary",
  "GET /v1/aggregates",
  "GET /v1/devices",
  "GET /v1/insights",
  "GET /v1/connections",
];
const bytesPerMb = 1_000_000;

export function AppleSection() {
  const client = useQueryClient();
  const now = useAppleImport();
  const recorded = () => void makeOld(client, samplesMakeOld);
  return (
    <section className="card" aria-labelledby="add-apple">
      <header>
        <h2 id="add-apple">Apple Health</h2>
      </header>
      <Dropzone
        label="Apple Health export"
        choose="Choose the export"
        accept={[".xml", ".zip"]}
        isDisabled={now.state === "running"}
        onFiles={([file]) => file && void beginImport(file, recorded)}
      >
        <p>Drop export.zip here, or the export.xml in it.</p>
        <p className="small soft">
          On the phone: Health, your picture, Export All Health Data. It is read in this browser,
          however large it is; only what Singlet measures leaves it.
        </p>
      </Dropzone>
      <Shown now={now} onCancel={() => cancelImport(recorded)} />
    </section>
  );
}

interface ShownProps {
  readonly now: AppleImport;
  readonly onCancel: () => void;
}

function Shown({ now, onCancel }: ShownProps) {
  if (now.state === "none") return null;
  const { name, counts } = now;
  const isRunning = now.state === "running";
  const share = counts === null || counts.size === 0 ? 0 : counts.read / counts.size;
  return (
    <div className="stack" data-import={now.state}>
      <div className="row apart">
        <strong>{name}</strong>
        {isRunning ? <Badge mood="info">Reading</Badge> : null}
      </div>
      {isRunning ? <Progress label={`Reading ${name}`} share={share} /> : null}
      {now.state === "ended" ? (
        <p role="status" className={`note ${ends[now.end].mood}`}>
          {ends[now.end].text}
        </p>
      ) : null}
      {counts === null ? null : <Counts counts={counts} />}
      {isRunning ? (
        <div>
          <Button onPress={onCancel}>Cancel</Button>
        </div>
      ) : null}
    </div>
  );
}

type End = Extract<AppleImport, { state: "ended" }>["end"];

const again = "Choose the file again to go on: nothing counts twice.";
const ends: Readonly<Record<End, { readonly mood: string; readonly text: string }>> = {
  done: { mood: "", text: "All of it was read and sent." },
  "broken-off": {
    mood: "warn",
    text: "The file breaks off: what follows is not in. Export it again on the phone.",
  },
  "no-export": {
    mood: "bad",
    text: "This is no export of Apple Health: there is no HealthData in it.",
  },
  damaged: { mood: "bad", text: "The file is damaged. What was read up to there was sent." },
  offline: { mood: "warn", text: `Singlet cannot be reached. ${again}` },
  "signed-out": { mood: "warn", text: `You are not signed in any more. ${again}` },
  cancelled: { mood: "warn", text: `Cancelled. What was sent by then is in. ${again}` },
  crashed: { mood: "bad", text: `Reading it failed in this browser. ${again}` },
};

function Counts({ counts }: { readonly counts: ImportCounts }) {
  const { read, size, found, sent, added, known, corrected, refused } = counts;
  const mb = (bytes: number) => number(bytes / bytesPerMb, 1);
  const rows: readonly (readonly [string, string])[] = [
    ["Read", `${mb(read)} of ${mb(size)} MB`],
    ["Samples found", number(found)],
    ["Sent", number(sent)],
    ["New", number(added)],
    ["Known already", number(known)],
    ...some("Corrected", corrected),
    ...some("Refused", refused),
    ...some("Without a time or a value", counts.unreadable),
    ...some("Of kinds that Singlet does not measure", counts.others),
    ...some("Workouts, which a phone sends itself", counts.workouts),
  ];
  return (
    <dl className="apple-counts small">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const some = (label: string, n: number): [string, string][] => (n > 0 ? [[label, number(n)]] : []);

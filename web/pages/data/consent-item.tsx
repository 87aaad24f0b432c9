/** One consent: who, what, what for, until when; how it was used; and taking it back. */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import type { AccessEntry, Consent } from "../../api/schema.d.ts";
import { ownColumnWords, purposeWords } from "../../consents/column-words.ts";
import { Badge, Button, Confirm } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { ago, moment } from "../../design/format.ts";
import { granteeWords, standingOf, standingWords } from "./consent-words.ts";

interface ItemProps {
  readonly consent: Consent;
  readonly names: ReadonlyMap<string, string>;
  /** The newest entries of the log; undefined: not known. */
  readonly looks: readonly AccessEntry[] | undefined;
  readonly onSaid: (words: string) => void;
}

export function ConsentItem({ consent, names, looks, onSaid }: ItemProps) {
  const { effect, columns, purpose, from, until, revoked } = consent;
  const standing = standingOf(consent, Date.now());
  const [words, mood] = standingWords[standing];
  const who = granteeWords(consent.grantee, names);
  return (
    <li className="item stack" data-consent={consent.id}>
      <div className="row apart">
        <h3>
          {who} {effect === "permit" ? "may read" : "may not read"}
        </h3>
        <Badge mood={effect === "forbid" && standing === "holds" ? "bad" : mood}>{words}</Badge>
      </div>
      <ul className="plain chips">
        {columns.map((column) => (
          <li key={column} className="badge plain">
            {ownColumnWords[column]}
          </li>
        ))}
      </ul>
      <p className="small soft">
        For {purposeWords[purpose].toLowerCase()}.{" "}
        {from === null ? `Since ${moment(consent.granted)}` : `From ${moment(from)}`}
        {until === null ? ", until you take it back." : `, until ${moment(until)}.`}
        {revoked === null ? "" : ` Taken back on ${moment(revoked)}.`} {usedWords(consent, looks)}
      </p>
      {standing === "holds" || standing === "coming" ? (
        <Revoke consent={consent} who={who} onSaid={onSaid} />
      ) : null}
    </li>
  );
}

function usedWords({ id, effect }: Consent, looks: ItemProps["looks"]): string {
  if (effect === "forbid" || looks === undefined) return "";
  const used = looks.filter(({ ground, outcome }) => ground === id && outcome === "permitted");
  const [latest] = used;
  if (latest === undefined) return "Nobody has used it of late.";
  return `Used ${used.length} ${used.length === 1 ? "time" : "times"} of late, last ${ago(latest.at, Date.now())}.`;
}

type RevokeProps = Pick<ItemProps, "consent" | "onSaid"> & { readonly who: string };

function Revoke({ consent, who, onSaid }: RevokeProps) {
  const [isOpen, setOpen] = useState(false);
  const revoke = useDeed("DELETE /v1/consents/{id}", ["GET /v1/consents"]);
  const isPermit = consent.effect === "permit";
  const deed = isPermit ? "Take it back" : "Forbid it no more";
  const confirm = () =>
    revoke.mutateAsync({ params: { id: consent.id } }).then(
      () => {
        setOpen(false);
        onSaid(isPermit ? `${who} may read it no more.` : `${who} is not forbidden it any more.`);
      },
      () => {},
    );
  return (
    <div>
      <Button kind={isPermit ? "danger" : "plain"} onPress={() => setOpen(true)}>
        {deed}
      </Button>
      <Confirm
        title={`${deed}?`}
        deed={deed}
        isOpen={isOpen}
        isPending={revoke.isPending}
        isDanger={isPermit}
        onClose={() => setOpen(false)}
        onConfirm={() => void confirm()}
      >
        <p>
          {isPermit
            ? `${who} is refused from this moment on. What they have read already they have read. You can allow it again at any time.`
            : `What ${who} may read is then decided by your other consents alone.`}
        </p>
        <Failed error={revoke.error} />
      </Confirm>
    </div>
  );
}

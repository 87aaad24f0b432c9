/** Who may read what, and who went in without asking. */
import { useState } from "react";
import { useApi } from "../../api/queries.ts";
import type { BreakGlass } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { moment } from "../../design/format.ts";
import { ConsentItem } from "./consent-item.tsx";
import { firstHolding, granteeWords, namesOf } from "./consent-words.ts";
import { Grant } from "./grant.tsx";
import { Done } from "./told.tsx";

export function Consents() {
  const consents = useApi("GET /v1/consents");
  const looks = useApi("GET /v1/access-log", { query: { limit: 200, action: "view" } });
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const names = namesOf(looks.data?.items);
  const allow = (
    <Button kind="main" onPress={() => setOpen(true)}>
      Allow or forbid
    </Button>
  );
  return (
    <>
      <Done>{said}</Done>
      <Card
        id="consents"
        title="Consents"
        query={consents}
        others={[looks]}
        rows={7}
        aside={allow}
        isEmpty={({ items, breakGlass }) => items.length + breakGlass.length === 0}
        empty={
          <p>
            You have allowed nothing, so nobody but you reads your heart rate, tracks, notes or
            nights. Allow a coach or a doctor what they need, for as long as they need it.
          </p>
        }
      >
        {({ items, breakGlass }) => (
          <>
            <BrokenGlass notices={breakGlass} names={names} />
            <ul className="plain items">
              {firstHolding(items, Date.now()).map((one) => (
                <ConsentItem
                  key={one.id}
                  consent={one}
                  names={names}
                  looks={looks.data?.items}
                  onSaid={setSaid}
                />
              ))}
            </ul>
          </>
        )}
      </Card>
      <Grant isOpen={isOpen} onClose={() => setOpen(false)} onSaid={setSaid} />
    </>
  );
}

interface BrokenGlassProps {
  readonly notices: readonly BreakGlass[];
  readonly names: ReadonlyMap<string, string>;
}

/** Above everything else: it was done without leave. */
function BrokenGlass({ notices, names }: BrokenGlassProps) {
  if (notices.length === 0) return null;
  return (
    <section className="glass stack" aria-labelledby="glass">
      <h3 id="glass">An operator went in without asking you</h3>
      <p className="small">
        In an emergency an operator may open a member's data without consent, for a quarter of an
        hour. They have to say why, and you are told each time.
      </p>
      <ul className="plain items">
        {notices.map(({ id, operator, reason, at, until }) => (
          <li key={id} className="item">
            <p>
              <strong>“{reason}”</strong>
            </p>
            <p className="small soft">
              From {moment(at)} until {moment(until)}, by{" "}
              {granteeWords({ member: operator }, names)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

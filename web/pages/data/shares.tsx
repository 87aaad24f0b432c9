/** Links that show some days to somebody without an account; who has one, and how often it was opened. */
import { useState } from "react";
import { useApi } from "../../api/queries.ts";
import type { AccessEntry, ShareMade } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { Copy } from "../../design/copy.tsx";
import { moment } from "../../design/format.ts";
import { NewShare } from "./new-share.tsx";
import { ShareItem } from "./share-item.tsx";
import { Done } from "./told.tsx";

export function Shares() {
  const shares = useApi("GET /v1/shares");
  const looks = useApi("GET /v1/access-log", { query: { limit: 200, action: "view" } });
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<ShareMade | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  return (
    <>
      {made === null ? null : <Made share={made} onClose={() => setMade(null)} />}
      <Done>{said}</Done>
      <Card
        id="shares"
        title="Your links"
        query={shares}
        others={[looks]}
        rows={7}
        aside={
          <Button kind="main" onPress={() => setOpen(true)}>
            Make a link
          </Button>
        }
        isEmpty={({ items }) => items.length === 0}
        empty={
          <p>
            You share nothing by a link. Make one before you see a doctor: they open it in any
            browser, see the days you chose, and you see that they did.
          </p>
        }
      >
        {({ items }) => (
          <ul className="plain items">
            {items.map((share) => (
              <ShareItem
                key={share.id}
                share={share}
                openings={openingsOf(share.id, looks.data?.items)}
                onSaid={setSaid}
              />
            ))}
          </ul>
        )}
      </Card>
      <NewShare
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onMade={(share) => {
          setMade(share);
          setSaid(null);
        }}
      />
    </>
  );
}

const openingsOf = (id: string, looks: readonly AccessEntry[] | undefined) =>
  (looks ?? []).filter(
    ({ deed, ground, outcome }) =>
      deed === "open-share" && outcome === "permitted" && ground === `share:${id}`,
  );

interface MadeProps {
  readonly share: ShareMade;
  readonly onClose: () => void;
}

/** The link is told once: nobody can look it up again, not even here. */
const Made = ({ share: { recipient, link, expires }, onClose }: MadeProps) => (
  <section className="card made" aria-labelledby="made">
    <header>
      <h2 id="made">The link for {recipient}</h2>
    </header>
    <p className="note warn">
      It is shown this once. Whoever has it sees those days until {moment(expires)}.
    </p>
    <Copy label="Link" value={link} />
    <div>
      <Button kind="quiet" onPress={onClose}>
        I have it
      </Button>
    </div>
  </section>
);

/** Every provider that can be linked, what it brings, and how. Those that have ended are left out. */
import { Link } from "wouter";
import { useApi } from "../../api/queries.ts";
import type { Provider } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { feedsWords, linkingWords } from "./connection-words.ts";
import { LinkButton } from "./link-dialog.tsx";

const offered = (items: readonly Provider[]): readonly Provider[] =>
  items
    .filter((one) => one.ended === undefined)
    .sort((a, b) => a.title.localeCompare(b.title, "en"));

export function LinkNew() {
  const providers = useApi("GET /v1/providers");
  /** Which of them are linked already; the list is of use without it. */
  const connections = useApi("GET /v1/connections");
  const linked = new Set(connections.data?.items.map(({ provider }) => provider));
  return (
    <Card
      id="providers"
      title="Where do you record?"
      aside={<Link href="/data/connections">Your connections</Link>}
      query={providers}
      others={[connections]}
      rows={20}
      isEmpty={({ items }) => offered(items).length === 0}
      empty={<p className="soft">This deployment has no provider to link.</p>}
    >
      {({ items }) => (
        <ul className="plain providers">
          {offered(items).map((provider) => (
            <li key={provider.name} className="provider" data-offered={provider.name}>
              <div>
                <strong>{provider.title}</strong>{" "}
                {linked.has(provider.name) ? <Badge mood="good">Linked</Badge> : null}
                <p className="small soft">
                  {feedsWords(provider)}. {linkingWords(provider)}.
                </p>
              </div>
              <LinkButton
                provider={provider}
                kind="plain"
                words={provider.linking === "device" ? "How" : "Link"}
              />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** Who the member is here, and in a line each how the rest of their data stands. */
import { Link } from "wouter";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { ProfileCard } from "./profile.tsx";
import { type Line, linesOf } from "./rest.ts";

export function Overview() {
  return (
    <div className="data-two">
      <ProfileCard />
      <RestCard />
    </div>
  );
}

function RestCard() {
  const connections = useApi("GET /v1/connections");
  const consents = useApi("GET /v1/consents");
  const shares = useApi("GET /v1/shares");
  const exports = useApi("GET /v1/exports");
  const log = useApi("GET /v1/access-log", { query: { limit: 50, action: "view" } });
  const lines = linesOf(
    {
      connections: connections.data,
      consents: consents.data,
      shares: shares.data?.items,
      exports: exports.data?.items,
      looks: log.data?.items,
    },
    Date.now(),
  );
  return (
    <Card
      id="rest"
      title="How it stands"
      query={connections}
      others={[consents, shares, exports, log]}
      rows={9}
      isEmpty={() => lines.every(({ isNothing }) => isNothing)}
      empty={
        <>
          <p>Nothing is linked, shared or allowed yet, and nobody has looked at anything.</p>
          <p>
            <Link className="button main" href="/data/connections">
              Link an account
            </Link>
          </p>
        </>
      }
    >
      {() => (
        <ul className="plain data-lines">
          {lines.map((line) => (
            <Row key={line.path} {...line} />
          ))}
        </ul>
      )}
    </Card>
  );
}

const Row = ({ path, title, number, words, isUrgent }: Line) => (
  <li>
    <Link href={path} className="data-line">
      <span className="number">{number}</span>
      <span>
        <strong>{title}</strong>
        <br />
        <span className={isUrgent ? "urgent small" : "soft small"}>{words}</span>
      </span>
    </Link>
  </li>
);

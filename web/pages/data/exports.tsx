/** Everything of the member as files: asked for here, put together step by step, fetched, dropped. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { makeOld, useApi, useDeed } from "../../api/queries.ts";
import type { Export } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Button, Check } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { ExportItem } from "./export-item.tsx";
import { type Format, formatWords } from "./export-words.ts";
import { Done } from "./told.tsx";

/** Each look takes it a step further, so looking is what it waits for. */
const lookEveryMs = 1_000;

export function Exports() {
  const exports = useApi("GET /v1/exports");
  const [said, setSaid] = useState<string | null>(null);
  const staging = useStaging(exports.data?.items);
  return (
    <div className="data-two uneven">
      <Ask />
      <div className="stack">
        <Done>{said}</Done>
        <Card
          id="exports"
          title="Your exports"
          query={exports}
          others={[staging]}
          rows={7}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <p>
              There is none. What you ask for is put together while you wait, and kept for a week,
              sealed under a key of yours.
            </p>
          }
        >
          {({ items }) => (
            <ul className="plain items">
              {items.map((one) => (
                <ExportItem
                  key={one.id}
                  export={staging.data?.id === one.id ? staging.data : one}
                  onSaid={setSaid}
                />
              ))}
            </ul>
          )}
        </Card>
      </div>
    </div>
  );
}

/** One after the other; when one is ready the list is looked at again, and the next has its turn. */
function useStaging(items: readonly Export[] | undefined) {
  const client = useQueryClient();
  const id = items?.find(({ state }) => state === "staging")?.id;
  const staging = useApi(
    "GET /v1/exports/{id}",
    { params: { id: id ?? "" } },
    { enabled: id !== undefined, everyMs: lookEveryMs },
  );
  const isReady = id !== undefined && staging.data?.state === "ready";
  useEffect(() => {
    if (isReady) void makeOld(client, ["GET /v1/exports"]);
  }, [isReady, client]);
  return staging;
}

const all = Object.keys(formatWords) as Format[];

function Ask() {
  const [formats, setFormats] = useState<readonly Format[]>(all);
  const ask = useDeed("POST /v1/exports", ["GET /v1/exports"]);
  return (
    <section className="card" aria-labelledby="ask">
      <header>
        <h2 id="ask">Put everything together</h2>
      </header>
      <fieldset className="checks one">
        <legend>As what</legend>
        {all.map((format) => (
          <Check
            key={format}
            isSelected={formats.includes(format)}
            onChange={(isChosen) =>
              setFormats(isChosen ? [...formats, format] : formats.filter((one) => one !== format))
            }
          >
            <strong>{formatWords[format].name}</strong>{" "}
            <span className="small soft">{formatWords[format].about}</span>
          </Check>
        ))}
      </fieldset>
      <p className="small soft">
        Your profile, consents and decisions come with every one. The log of who looked is on its
        own page.
      </p>
      <Failed error={ask.error} />
      <div>
        <Button
          kind="main"
          isPending={ask.isPending}
          isDisabled={formats.length === 0}
          onPress={() => ask.mutate({ body: { formats: [...formats] } })}
        >
          Put it together
        </Button>
      </div>
    </section>
  );
}

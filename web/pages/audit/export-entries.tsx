/** Takes what was found home: as a table, or line by line. */
import { useState } from "react";
import { WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { many } from "../../design/many.ts";
import { saveFile } from "../../design/save-file.ts";
import type { EntryQuery } from "./entry-query.ts";
import { type ExportFormat, exportEntries } from "./export-pages.ts";

export function ExportEntries({ query }: { readonly query: EntryQuery }) {
  const [busy, setBusy] = useState<ExportFormat | null>(null);
  const [said, setSaid] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const take = async (format: ExportFormat) => {
    setBusy(format);
    setError(null);
    try {
      const taken = await exportEntries(query, format, (n) => setSaid(`${many(n, "page")}…`));
      saveFile(`entries.${format}`, taken.content);
      setSaid(taken.isCut ? "Saved as far as one file goes: narrow the days." : "Saved.");
    } catch (thrown) {
      setSaid("");
      setError(thrown as Error);
    }
    setBusy(null);
  };
  return (
    <div className="row">
      <small role="status">{said}</small>
      {error === null ? null : (
        <small role="alert">
          <WhatFailed error={error} />
        </small>
      )}
      {(["csv", "ndjson"] as const).map((format) => (
        <Button
          key={format}
          kind="quiet"
          isPending={busy === format}
          isDisabled={busy !== null}
          onPress={() => void take(format)}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </div>
  );
}

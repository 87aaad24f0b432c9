/** One export: how far it is, its files with their digests, fetching and dropping it. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../api/client.ts";
import { useDeed } from "../../api/queries.ts";
import type { Export } from "../../api/schema.d.ts";
import { bytes } from "../../design/bytes.ts";
import { Badge, Button, Confirm } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { moment } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { fileWords, formatWords } from "./export-words.ts";
import { fetchFile } from "./fetch-file.ts";

interface ItemProps {
  readonly export: Export;
  readonly onSaid: (words: string) => void;
}

const columns = [
  { key: "what", name: "What" },
  { key: "size", name: "Size", isNumber: true },
  { key: "fetch", name: "Fetch" },
  { key: "sha256", name: "SHA-256" },
];

/** Workouts in any case; of what else there is, how many. */
function thingsIn({ workouts, listens, sales }: ItemProps["export"]): string {
  const said = (n: number, one: string) => `${n} ${n === 1 ? one : `${one}s`}`;
  const others = [said(listens, "listen"), said(sales, "sale")].filter((_, i) =>
    i === 0 ? listens > 0 : sales > 0,
  );
  return [said(workouts, "workout"), ...others].join(", ");
}

export function ExportItem({ export: one, onSaid }: ItemProps) {
  const isReady = one.state === "ready";
  const formats = one.formats.map((format) => formatWords[format].name).join(", ");
  return (
    <li className="item stack" data-export={one.id}>
      <div className="row apart">
        <h3>{formats}</h3>
        <Badge mood={isReady ? "good" : "info"}>{isReady ? "Ready" : "Being put together"}</Badge>
      </div>
      <p className="small soft" role={isReady ? undefined : "status"}>
        {thingsIn(one)}
        {isReady ? "" : " so far; you may leave this page, it goes on when you come back"}. Asked
        for on {moment(one.asked)}, there until {moment(one.gone)}.
      </p>
      {one.files.length === 0 ? null : (
        <WideTable
          label={`Files of ${formats}`}
          columns={columns}
          rows={one.files.map((file) => ({
            key: file.name,
            cells: {
              what: (
                <>
                  {fileWords(file.name)}
                  <br />
                  <code>{file.name}</code>
                </>
              ),
              size: bytes(file.bytes),
              fetch: <Fetch id={one.id} file={file} onSaid={onSaid} />,
              sha256: <code className="digest">{file.sha256}</code>,
            },
          }))}
        />
      )}
      <Drop id={one.id} onSaid={onSaid} />
    </li>
  );
}

interface FetchProps extends Pick<ItemProps, "onSaid"> {
  readonly id: string;
  readonly file: Export["files"][number];
}

function Fetch({ id, file, onSaid }: FetchProps) {
  const { name } = file;
  const fetched = useMutation({
    mutationFn: () =>
      fetchFile(file, () => ask("GET /v1/exports/{id}/files/{name}", { params: { id, name } })),
    onSuccess: (isChecked) =>
      onSaid(
        isChecked
          ? `${name} is saved; its SHA-256 is as promised.`
          : `${name} is saved. Compare its SHA-256.`,
      ),
  });
  return (
    <>
      <Button
        aria-label={`Download ${name}`}
        isPending={fetched.isPending}
        onPress={() => fetched.mutate()}
      >
        Download
      </Button>
      <Failed error={fetched.error} />
    </>
  );
}

function Drop({ id, onSaid }: { readonly id: string; readonly onSaid: (words: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const drop = useDeed("DELETE /v1/exports/{id}", ["GET /v1/exports"]);
  const confirm = () =>
    drop.mutateAsync({ params: { id } }).then(
      () => onSaid("The export is dropped."),
      () => {},
    );
  return (
    <div>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        Drop this export
      </Button>
      <Confirm
        title="Drop this export?"
        deed="Drop it"
        isOpen={isOpen}
        isPending={drop.isPending}
        isDanger
        onClose={() => setOpen(false)}
        onConfirm={() => void confirm()}
      >
        <p>
          Its files are deleted here. Your data stays as it is, and you can have another put
          together at any time.
        </p>
        <Failed error={drop.error} />
      </Confirm>
    </div>
  );
}

/** Bringing workouts in from files, and what a phone measured from Apple Health's export. */
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import type { Name } from "../../api/client.ts";
import { makeOld } from "../../api/queries.ts";
import { Dropzone } from "../../design/dropzone.tsx";
import { AppleSection } from "./apple.tsx";
import { UploadList } from "./upload-list.tsx";
import { uploads, useUploads } from "./uploads.ts";

const accepted = [".fit", ".tcx", ".gpx", ".gz", ".zip"];
const importMakesOld: readonly Name[] = [
  "GET /v1/workouts",
  "GET /v1/connections",
  "GET /v1/leaderboards/{board}",
  "GET /v1/leaderboards/{board}/me",
];

export function Add() {
  const client = useQueryClient();
  const list = useUploads();
  const add = (files: readonly File[]) =>
    uploads.add(files, () => void makeOld(client, importMakesOld));
  return (
    <>
      <div>
        <Link href="/workouts">All workouts</Link>
        <h1>Add files</h1>
      </div>
      <div className="add-columns">
        <section className="card" aria-labelledby="add-workouts">
          <header>
            <h2 id="add-workouts">Workouts</h2>
          </header>
          <Dropzone
            label="Workout files"
            choose="Choose files"
            accept={accepted}
            isMultiple
            onFiles={add}
          >
            <p>Drop FIT, TCX or GPX files here, as they are, gzipped or in a ZIP.</p>
            <p className="small soft">
              Up to 10 MB each. A workout that is known already is not counted again.
            </p>
          </Dropzone>
          <UploadList uploads={list} />
        </section>
        <AppleSection />
      </div>
    </>
  );
}

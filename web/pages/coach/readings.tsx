/** A card a column: closed until it is asked for, and not even that where it was not granted. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ReadableColumn } from "../../../domain/consent.ts";
import { keyOf } from "../../api/queries.ts";
import type { Loaded } from "../../design/card.tsx";
import { HeartRateShown } from "../../readings/heart-rate.tsx";
import type { Beat } from "../../readings/heart-rate-points.ts";
import {
  type Column,
  type Of,
  type Read,
  readAll,
  restMissing,
} from "../../readings/of-workout.ts";
import { Opened, useOpened } from "../../readings/opened.tsx";
import { TrackShown } from "../../readings/track.tsx";
import type { TrackPoint } from "../../readings/track-drawing.ts";
import { asRefused } from "./refused.ts";

interface ReadingCardsProps {
  readonly of: Required<Of>;
  /** What says which workout it is. */
  readonly workouts: Loaded<unknown>;
  /** When it began; null: not known yet. */
  readonly start: string | null;
  /** Null: what was granted is not known, and the vault says so. */
  readonly opened: readonly ReadableColumn[] | null;
}

export function ReadingCards({ start, ...props }: ReadingCardsProps) {
  return (
    <div className="workout-readings">
      <Reading<Beat> {...props} column="heart_rate" title="Heart rate" rows={9}>
        {(beats) => (
          <HeartRateShown beats={beats} workout={{ start: start ?? beats[0]?.t ?? "" }} />
        )}
      </Reading>
      <Reading<TrackPoint> {...props} column="track" title="Track" rows={9}>
        {(points) => (
          <>
            <TrackShown points={points} />
            <p className="small soft">
              Where it begins and ends, and places that they named, are cut out.
            </p>
          </>
        )}
      </Reading>
      <Reading<string> {...props} column="title" title="Title" rows={2}>
        {(texts) => <Texts texts={texts} />}
      </Reading>
      <Reading<string> {...props} column="notes" title="Notes" rows={2}>
        {(texts) => <Texts texts={texts} />}
      </Reading>
      <Reading<string> {...props} column="device_name" title="Device" rows={2}>
        {(texts) => <Texts texts={texts} />}
      </Reading>
    </div>
  );
}

const Texts = ({ texts }: { readonly texts: readonly string[] }) => (
  <>
    {[...new Set(texts)].map((text) => (
      <p key={text}>{text}</p>
    ))}
  </>
);

interface ReadingProps<T> extends Omit<ReadingCardsProps, "start"> {
  readonly column: Column;
  readonly title: string;
  readonly rows: number;
  readonly children: (values: readonly T[]) => ReactNode;
}

/** Forgotten as soon as it is closed: whoever looks again asks again. */
function useLook<T>(of: Of, column: Column, isAsked: boolean) {
  const params = { id: of.member, column };
  return useQuery<Read<T>>({
    queryKey: keyOf("GET /v1/members/{id}/readings/{column}", { params, query: of }),
    queryFn: ({ signal }) => readAll<T>(of, column, signal),
    enabled: isAsked,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });
}

function Reading<T>({ of, workouts, opened, column, title, rows, children }: ReadingProps<T>) {
  const state = useOpened();
  const isGranted = opened === null || opened.includes(column);
  const look = useLook<T>(of, column, state.isOpen);
  // A consent that was taken back while it is open is said by the vault, at the next look.
  const none =
    isGranted || state.isOpen ? null : (
      <p className="soft">Not granted for this purpose: only the member can change that.</p>
    );
  return (
    <Opened
      id={column}
      title={title}
      show={`Show ${title.toLowerCase()}`}
      about="It lies sealed. The member sees that you opened it, and when."
      query={asRefused(look)}
      others={[workouts]}
      rows={rows}
      {...state}
      none={none}
      isEmpty={({ values }) => values.length === 0}
      empty={<p className="soft">There is none of this workout that others may see.</p>}
      missing={restMissing}
    >
      {({ values }) => children(values)}
    </Opened>
  );
}

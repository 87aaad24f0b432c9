/** What everybody but the member sees of a track is cut: around its ends, and at places that they name. */
import { type FormEvent, useState } from "react";
import { useApi, useDeed } from "../../api/queries.ts";
import type { PrivacyZones } from "../../api/schema.d.ts";
import { Card } from "../../design/card.tsx";
import { Button, Field } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { granteeWords, namesOf, standingOf } from "./consent-words.ts";
import { Done } from "./told.tsx";
import { draftOf, type PlaceDraft, type ZonesDraft, zonesOf } from "./zones-draft.ts";

export function Zones() {
  const zones = useApi("GET /v1/privacy-zones");
  /** Whom it is cut for; the zones are of use without it. */
  const consents = useApi("GET /v1/consents");
  const looks = useApi("GET /v1/access-log", { query: { limit: 200, action: "view" } });
  const names = namesOf(looks.data?.items);
  const readers = (consents.data?.items ?? [])
    .filter((one) => one.effect === "permit" && one.columns.includes("track"))
    .filter((one) => standingOf(one, Date.now()) === "holds")
    .map(({ grantee }) => granteeWords(grantee, names));
  return (
    <Card id="zones" title="What is cut" query={zones} others={[consents, looks]} rows={8}>
      {(known) => (
        <>
          <p>
            {consents.data === undefined
              ? "Whom you let see your tracks is not known just now."
              : readers.length === 0
                ? "Nobody may see your tracks at present."
                : `May see your tracks, cut like this: ${[...new Set(readers)].join(", ")}.`}
          </p>
          <ZonesForm known={known} />
        </>
      )}
    </Card>
  );
}

function ZonesForm({ known }: { readonly known: PrivacyZones }) {
  const [changed, setChanged] = useState<ZonesDraft | null>(null);
  const draft = changed ?? draftOf(known);
  const put = useDeed("PUT /v1/privacy-zones", ["GET /v1/privacy-zones"]);
  const set = (part: Partial<ZonesDraft>) => {
    put.reset();
    setChanged({ ...draft, ...part });
  };
  const setPlace = (index: number, part: Partial<PlaceDraft>) =>
    set({ places: draft.places.map((one, n) => (n === index ? { ...one, ...part } : one)) });
  const zones = zonesOf(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (zones !== null) put.mutate({ body: zones }, { onSuccess: () => setChanged(null) });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label="Around the start and the end, in metres"
        type="number"
        value={draft.endsM}
        min="0"
        max="5000"
        step="10"
        onChange={(endsM) => set({ endsM })}
        isRequired
      />
      {draft.places.map((place, index) => (
        <Place
          // biome-ignore lint/suspicious/noArrayIndexKey: places have no name but their number.
          key={index}
          place={place}
          number={index + 1}
          onChange={(part) => setPlace(index, part)}
          onRemove={() => set({ places: draft.places.filter((_, n) => n !== index) })}
        />
      ))}
      <p className="small soft">
        Be generous with a radius: many tracks cut on one small circle show its centre.
      </p>
      <Failed error={put.error} />
      <Done>{put.isSuccess ? "Saved. It holds for your earlier tracks too." : null}</Done>
      <div className="row">
        <Button
          kind="main"
          type="submit"
          isPending={put.isPending}
          isDisabled={changed === null || zones === null}
        >
          Save zones
        </Button>
        <Button
          isDisabled={draft.places.length >= placesMax}
          onPress={() => set({ places: [...draft.places, { lat: "", lon: "", radiusM: "500" }] })}
        >
          Add a place
        </Button>
      </div>
    </form>
  );
}

/** As the API takes them. */
const placesMax = 20;

interface PlaceProps {
  readonly place: PlaceDraft;
  readonly number: number;
  readonly onChange: (part: Partial<PlaceDraft>) => void;
  readonly onRemove: () => void;
}

const Place = ({ place, number, onChange, onRemove }: PlaceProps) => (
  <fieldset className="place">
    <legend>Place {number}</legend>
    <Field
      label="Latitude"
      type="number"
      value={place.lat}
      min="-90"
      max="90"
      step="any"
      onChange={(lat) => onChange({ lat })}
      isRequired
    />
    <Field
      label="Longitude"
      type="number"
      value={place.lon}
      min="-180"
      max="180"
      step="any"
      onChange={(lon) => onChange({ lon })}
      isRequired
    />
    <Field
      label="Radius in metres"
      type="number"
      value={place.radiusM}
      min="50"
      max="5000"
      step="10"
      onChange={(radiusM) => onChange({ radiusM })}
      isRequired
    />
    <Button kind="quiet" aria-label={`Remove place ${number}`} onPress={onRemove}>
      Remove
    </Button>
  </fieldset>
);

/** Listeners: of one a client submits (ListenBrainz), of another signed events tell, and take back. */
import { call, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { Chance } from "../oracle/chance.ts";
import { type Batch, type Door, type Outcome, SignedAccount, sizeOf } from "./door.ts";
import type { Saying } from "./record.ts";

const perBatch = [50, 400] as const;
const goneMax = 20;
const takesBack = 6;
/** Between two listens of one listener. */
const apartMs = 90_000;
const [artists, tracks] = [8, 30];
const territories = ["NL", "DE", "SE"] as const;
/** Where the emulator says that every address is. */
const everyAddress = "US";
/** From this on a listen qualifies. */
const qualifiesS = 30;

interface Listen {
  readonly n: number;
  readonly atMs: number;
  readonly artist: string;
  readonly track: string;
  readonly territory: string;
  /** Null: not said. */
  readonly playedS: number | null;
}

export const listenFact = (member: string, atMs: number): string => `listen ${member} ${atMs}`;
export const listenContent = (artist: string, track: string, territory: string): string =>
  JSON.stringify([artist, track, territory]);

abstract class ListenDoor implements Door {
  abstract readonly name: string;
  left: number;
  protected readonly listener: Person;
  protected readonly chance: Chance;
  readonly #lastMs: number;
  protected told = 0;

  constructor(listener: Person, facts: number, chance: Chance, nowMs: number) {
    [this.listener, this.left, this.chance] = [listener, facts, chance];
    this.#lastMs = Math.floor(nowMs / apartMs) * apartMs;
  }

  protected abstract territory(): string;
  protected abstract playedS(): number | null;
  protected abstract post(system: System, listens: readonly Listen[]): Promise<Outcome>;

  next(newMax: number): Batch | null {
    const size = sizeOf(this.chance, perBatch, Math.min(this.left, newMax));
    if (size <= 0) return null;
    this.left -= size;
    const listens = Array.from({ length: size }, (): Listen => {
      const n = ++this.told;
      const artist = `artist ${this.chance.whole(1, artists)}`;
      return {
        ...{ n, atMs: this.#lastMs - n * apartMs, artist },
        ...{ track: `track ${this.chance.whole(1, tracks)}`, territory: this.territory() },
        playedS: this.playedS(),
      };
    });
    return {
      sayings: listens.map((listen) => this.saying(listen, false)),
      bad: 0,
      mayBeLeft: true,
      send: (system) => this.post(system, listens),
    };
  }

  protected atMs(n: number): number {
    return this.#lastMs - n * apartMs;
  }

  protected saying(listen: Pick<Listen, "atMs"> & Partial<Listen>, isGone: boolean): Saying {
    const { atMs, artist = "", track = "", territory = "", playedS = null } = listen;
    const key = [artist, track, territory].join("\u001f");
    const measures =
      playedS === null || playedS >= qualifiesS ? ["listens", "qualified"] : ["listens"];
    return {
      ...{ stream: "listens", fact: listenFact(this.listener.id, atMs), rank: isGone ? 1 : 0 },
      content: isGone ? null : listenContent(artist, track, territory),
      day: new Date(atMs).toISOString().slice(0, 10),
      counts: isGone ? [] : measures.map((measure) => ({ measure, key, n: 1 })),
    };
  }
}

/** What a client submits is never taken back, and says nothing of how long it was played. */
export class ScrobbleDoor extends ListenDoor {
  readonly name = "ListenBrainz";
  #key = "";

  async link(system: System): Promise<void> {
    const { token } = this.listener;
    const path = "/v1/connections/listenbrainz";
    this.#key = (await call(system.url, "POST", path, { token, body: {} })).body.key;
  }

  protected territory(): string {
    return everyAddress;
  }
  protected playedS(): null {
    return null;
  }

  protected async post(system: System, listens: readonly Listen[]): Promise<Outcome> {
    const payload = listens.map(({ atMs, artist, track }) => ({
      listened_at: atMs / 1000,
      track_metadata: { artist_name: artist, track_name: track },
    }));
    const { status, body } = await call(system.url, "POST", "/1/submit-listens", {
      body: { listen_type: "import", payload },
      headers: { authorization: `Token ${this.#key}` },
    });
    return { status, isWhole: body.errors === undefined };
  }
}

export class ListensDoor extends ListenDoor {
  readonly name = "signed listens";
  readonly #account: SignedAccount;

  constructor(...args: ConstructorParameters<typeof ScrobbleDoor>) {
    super(...args);
    this.#account = new SignedAccount("listen-webhooks", this.listener.id);
  }

  link(system: System): Promise<void> {
    return this.#account.link(system, this.listener);
  }

  override next(newMax: number): Batch | null {
    return this.told > 0 && this.chance.in100(takesBack) ? this.#takenBack() : super.next(newMax);
  }

  #takenBack(): Batch {
    const length = this.chance.whole(1, goneMax);
    const gone = [...new Set(Array.from({ length }, () => this.chance.whole(1, this.told)))];
    return {
      sayings: gone.map((n) => this.saying({ atMs: this.atMs(n) }, true)),
      bad: 0,
      mayBeLeft: true,
      send: (system) =>
        this.#account.send(system, "listens.deleted", { ids: gone.map((n) => `l-${n}`) }),
    };
  }

  protected territory(): string {
    return this.chance.pick(territories);
  }
  protected playedS(): number {
    return this.chance.whole(10, 240);
  }

  protected post(system: System, listens: readonly Listen[]): Promise<Outcome> {
    const asSent = listens.map(({ n, atMs, artist, track, territory, playedS }) => ({
      ...{ id: `l-${n}`, listenedAt: new Date(atMs).toISOString(), artist, track, territory },
      playedSeconds: playedS,
    }));
    return this.#account.send(system, "listens.submitted", { listens: asSent });
  }
}

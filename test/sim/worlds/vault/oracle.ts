/**
 * What must be true of the vault, written from its promises alone: who may read what, what a row holds
 * and which looks stand in the log. It shares no code with what it judges, and knows of the stores
 * only what was heard there (hearing.ts).
 */
import type { ReadAnswer, ReadRequest } from "../../../../domain/ports.ts";
import type { Looker } from "./hearing.ts";

/** What a member said of their readings. */
export interface Said {
  readonly effect: "permit" | "forbid";
  /** A person's id, or a role. */
  readonly to: string;
  readonly columns: readonly string[];
  readonly purpose: string;
  /** The clock of whoever wrote it down. */
  readonly atMs: number;
  readonly fromMs: number | null;
  readonly untilMs: number | null;
}
interface Standing extends Said {
  readonly member: string;
}
interface Glass {
  readonly member: string;
  readonly operator: string;
  readonly atMs: number;
}
/** What was said of one column of one row: text by revision, and up to where it is taken back. */
interface Column {
  readonly said: Map<number, Set<string>>;
}

const glassMs = 15 * 60_000;
export const forGood = Number.MAX_SAFE_INTEGER;

export class Oracle {
  readonly wrong: string[] = [];
  readonly gone = new Set<string>();
  readonly #consents = new Map<string, Standing>();
  readonly #glasses: Glass[] = [];
  readonly #overShares = new Set<string>();
  readonly #columns = new Map<string, Column>();
  readonly #connectionOf = new Map<string, string>();
  /** Acknowledged, by member and row: up to which revision it is taken back. */
  readonly #takenBack = new Map<string, number>();
  readonly #ended = new Set<string>();

  accuse(what: string): void {
    if (!this.wrong.includes(what)) this.wrong.push(what);
  }

  // -- heard -----------------------------------------------------------------------------------

  granted(member: string, id: string, said: Said): void {
    this.#consents.set(id, { ...said, member });
  }
  revoked(id: string): void {
    this.#consents.delete(id);
  }
  glassBroken(member: string, operator: string, atMs: number): void {
    this.#glasses.push({ member, operator, atMs });
  }
  erased(member: string): void {
    this.gone.add(member);
  }
  shareOver(id: string): void {
    this.#overShares.add(id);
  }
  isShareOver(id: string): boolean {
    return this.#overShares.has(id);
  }
  standing(member: string): string[] {
    return [...this.#consents].flatMap(([id, said]) => (said.member === member ? [id] : []));
  }

  // -- said ------------------------------------------------------------------------------------

  /** Before it is asked for: whether it took effect or not, this is what may be there. */
  sealing(
    member: string,
    connection: string,
    row: string,
    revision: number,
    columns: Readonly<Record<string, string | null>>,
  ): void {
    this.#connectionOf.set(nameOf(member, row), connection);
    for (const [column, text] of Object.entries(columns)) {
      const name = nameOf(member, row, column);
      const held = this.#columns.get(name) ?? { said: new Map<number, Set<string>>() };
      this.#columns.set(name, held);
      const texts = held.said.get(revision) ?? new Set<string>();
      if (text !== null) texts.add(text);
      held.said.set(revision, texts);
    }
  }
  /** Once it was acknowledged. */
  takenBack(member: string, row: string, revision: number): void {
    const name = nameOf(member, row);
    this.#takenBack.set(name, Math.max(revision, this.#takenBack.get(name) ?? -1));
  }
  ended(member: string, connection: string): void {
    this.#ended.add(nameOf(member, connection));
  }
  hasEnded(member: string, connection: string): boolean {
    return this.gone.has(member) || this.#ended.has(nameOf(member, connection));
  }

  // -- judged ----------------------------------------------------------------------------------

  /** Whether what stands now permits the read, by any clock. */
  stands(by: Looker, { member, column, purpose }: ReadRequest): (nowMs: number) => boolean {
    if (this.gone.has(member)) return () => false;
    if (by.id === member) return () => true;
    const meant = [...this.#consents.values()].filter(
      (said) =>
        said.member === member &&
        said.purpose === purpose &&
        said.columns.includes(column) &&
        (said.to === by.id || (said.to === "coach" && by.roles.includes("coach"))),
    );
    const glasses = this.#glasses.filter((one) => one.member === member && one.operator === by.id);
    if (by.roles.includes("auditor")) return () => false;
    if (purpose === "emergency")
      return (nowMs) =>
        by.roles.includes("operator") &&
        glasses.some(({ atMs }) => atMs <= nowMs && nowMs <= atMs + glassMs);
    return (nowMs) => {
      const holds = ({ fromMs, untilMs }: Said) =>
        (fromMs === null || fromMs <= nowMs) && (untilMs === null || nowMs <= untilMs);
      const speaking = meant.filter(holds);
      if (speaking.some(({ effect }) => effect === "forbid")) return false;
      return speaking.some(({ effect, atMs }) => effect === "permit" && atMs <= nowMs);
    };
  }

  /** What of these rows was certainly gone when a read begins. */
  goneNow(member: string, rows: readonly string[]): ReadonlyMap<string, number> {
    return new Map(rows.map((row) => [row, this.#goneUpTo(member, row)]));
  }

  /** Each reading was said, of that row and column, and not taken back before. */
  judgeReadings(
    by: Looker,
    { member, span, purpose }: ReadRequest,
    { readings }: ReadAnswer,
    before: ReadonlyMap<string, number>,
  ): void {
    const isCut = by.id !== member && purpose !== "emergency";
    for (const { row, column, value } of readings) {
      const held = this.#columns.get(nameOf(member, row, column));
      const revisions = [...(held?.said ?? [])].flatMap(([revision, texts]) =>
        [...texts].some((text) => shown(text, span, isCut && column === "track") === value)
          ? [revision]
          : [],
      );
      if (revisions.length === 0) this.accuse(`${row} ${column} was read as what nobody said`);
      else if (Math.max(...revisions) <= (before.get(row) ?? -1))
        this.accuse(`${row} ${column} was read after it was erased or taken back`);
    }
  }

  #goneUpTo(member: string, row: string): number {
    const name = nameOf(member, row);
    const connection = this.#connectionOf.get(name) ?? "";
    if (this.gone.has(member) || this.#ended.has(nameOf(member, connection))) return forGood;
    return this.#takenBack.get(name) ?? -1;
  }

  /** When all that was said is known to have taken effect: what a row's column reads, if anything. */
  finally(member: string): ReadonlyMap<string, ReadonlySet<string>> {
    const due = new Map<string, ReadonlySet<string>>();
    for (const [name, { said }] of this.#columns) {
      const [of, row = "", column = ""] = JSON.parse(name) as string[];
      if (of !== member) continue;
      const left = [...said.keys()].filter((revision) => revision > this.#goneUpTo(member, row));
      const texts = said.get(Math.max(...left));
      if (texts !== undefined && texts.size > 0) due.set(nameOf(row, column), texts);
    }
    return due;
  }
}

export const nameOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/**
 * Of a series what lies in the span; a text is shown whole. A way that is cut lacks its first and its
 * last place, which lie by themselves: they tell where somebody lives.
 */
function shown(text: string, span: ReadRequest["span"], isCut: boolean): string {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) return text;
  const samples = (isCut ? parsed.slice(1, -1) : parsed) as { t: number }[];
  const within = samples.filter(({ t }) => span === null || (span.fromMs <= t && t <= span.toMs));
  return JSON.stringify(within);
}

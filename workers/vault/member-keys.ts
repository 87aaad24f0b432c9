/**
 * One shard's member keys, each under an epoch. A writer that was overtaken by a rotation is
 * refused by the database and starts over, so nothing is ever wrapped under an epoch that goes.
 */
import type { Bytes } from "./chunked.ts";
import { EpochGone, type Generation, type KeyWraps, type WrappedMemberKey } from "./key-wraps.ts";

const attemptsMax = 5;

export class MemberKeys {
  readonly #database: D1Database;
  readonly #wraps: KeyWraps;

  constructor(database: D1Database, wraps: KeyWraps) {
    this.#database = database;
    this.#wraps = wraps;
  }

  async currentEpoch(): Promise<number> {
    const epoch = await this.#database
      .prepare("SELECT current FROM epoch")
      .first<number>("current");
    if (epoch === null) throw new Error("the shard has no epoch");
    return epoch;
  }

  /** The generation of the member's key, made on first use; null for an erased member. */
  async make(member: string, nowMs: number): Promise<string | null> {
    const made = { member, generation: this.#wraps.newId() };
    return this.#underEpoch(made, this.#wraps.newKey(), nowMs, async (epoch, wrapped) => {
      const isFirst = "AND NOT EXISTS (SELECT 1 FROM member_key WHERE member = ?1)";
      const [, held] = await this.#database.batch<{ key_id: string }>([
        this.#insert(made, epoch, wrapped, nowMs, isFirst),
        this.#database
          .prepare("SELECT key_id FROM member_key WHERE member = ? ORDER BY closing LIMIT 1")
          .bind(member),
      ]);
      return held?.results[0]?.key_id ?? null;
    });
  }

  /** Keeps a new generation with what it wraps, in one batch; false for an erased member. */
  async keep(
    of: Generation,
    raw: Bytes,
    alongside: readonly D1PreparedStatement[],
    nowMs: number,
  ): Promise<boolean> {
    const kept = await this.#underEpoch(of, raw, nowMs, async (epoch, wrapped) => {
      const [made] = await this.#database.batch([
        this.#insert(of, epoch, wrapped, nowMs),
        ...alongside,
      ]);
      return made?.meta.changes === 1 ? of.generation : null;
    });
    return kept !== null;
  }

  /**
   * Null when that generation is gone; throws `EpochGone`. A rotation may end between reading a row
   * and its epoch: only a row that still names an epoch that is gone comes from an old copy.
   */
  async open(of: Generation, nowMs: number): Promise<CryptoKey | null> {
    for (let before = 0; ; ) {
      const row = await this.#database
        .prepare("SELECT epoch, wrapped FROM member_key WHERE member = ? AND key_id = ?")
        .bind(of.member, of.generation)
        .first<WrappedMemberKey>();
      if (row === null) return null;
      try {
        return await this.#wraps.importMember(of, row, nowMs);
      } catch (error) {
        if (!(error instanceof EpochGone) || row.epoch === before) throw error;
        before = row.epoch;
      }
    }
  }

  /** A member key's wrap under another epoch; throws `EpochGone`. */
  async rewrap(
    of: Generation,
    row: WrappedMemberKey,
    epoch: number,
    nowMs: number,
  ): Promise<Bytes> {
    return this.#wraps.wrapMember(of, epoch, await this.#wraps.openMember(of, row, nowMs), nowMs);
  }

  async generations(member: string): Promise<string[]> {
    const { results } = await this.#database
      .prepare("SELECT key_id FROM member_key WHERE member = ?")
      .bind(member)
      .all<{ key_id: string }>();
    return results.map((row) => row.key_id);
  }

  /** From here on the generation takes no new data key: it is being replaced. */
  async close({ member, generation }: Generation): Promise<void> {
    await this.#database
      .prepare("UPDATE member_key SET closing = 1 WHERE member = ? AND key_id = ?")
      .bind(member, generation)
      .run();
  }

  /** Wraps under the current epoch and writes until a write is not refused; null: erased. */
  async #underEpoch(
    of: Generation,
    raw: Bytes,
    nowMs: number,
    write: (epoch: number, wrapped: Bytes) => Promise<string | null>,
  ): Promise<string | null> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const epoch = await this.currentEpoch();
      const written = await write(epoch, await this.#wraps.wrapMember(of, epoch, raw, nowMs));
      if (written !== null || (await this.#isGone(of.member))) return written;
    }
    throw new Error("the epoch kept changing");
  }

  #isGone = async (member: string): Promise<boolean> =>
    (await this.#database
      .prepare("SELECT 1 FROM gone_member WHERE member = ?")
      .bind(member)
      .first()) !== null;

  #insert = (
    { member, generation }: Generation,
    epoch: number,
    wrapped: Bytes,
    nowMs: number,
    unless = "",
  ): D1PreparedStatement =>
    this.#database
      .prepare(
        `INSERT INTO member_key (member, key_id, epoch, wrapped, made_at)
         SELECT ?1, ?2, ?3, ?4, ?5
         WHERE NOT EXISTS (SELECT 1 FROM gone_member WHERE member = ?1)
           AND ?3 = (SELECT current FROM epoch) ${unless}`,
      )
      .bind(member, generation, epoch, wrapped, nowMs);
}

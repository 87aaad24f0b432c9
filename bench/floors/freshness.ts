/**
 * The least that looking at anything is: a request that reaches a worker and one row of its database.
 * A score cannot be seen sooner than whoever looks can be answered, so this is asked of the very
 * worker that is measured, under the same load, past everything that Singlet does with a request.
 */
export const floorPath = "/__floor";

export async function looked(db: D1Database): Promise<Response> {
  await db.prepare("SELECT 1").first();
  return Response.json({ ok: true });
}

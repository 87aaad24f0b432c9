/**
 * What samples come to, once more and by other means: SQL over the truth, by the rules as they are
 * written, sharing no code with what is tested. Time is cut into segments in which nothing begins or
 * ends; who stands first in turn has the segment. Integers only, of 128 bits where they are products.
 *
 * It is given `truth`, `clock` (stretches of one offset), `metric` (the table of metrics) and `place`
 * (which device is believed before which, by local day).
 */
export const grains = ["hour", "day", "week", "month"] as const;

/** Rounded once, halves away from zero; nothing here is negative. */
const macros = [
  "CREATE MACRO quotient(n, d) AS ((2 * n::HUGEINT + d::HUGEINT) // (2 * d::HUGEINT))::BIGINT",
  "CREATE MACRO part_of(value, part, whole) AS quotient(value::HUGEINT * part::HUGEINT, whole)",
];

/** An hour is one of the clock's, and ends where the clock jumps; its date is by the day's begin. */
const hours = `
CREATE TABLE hour AS
WITH begin AS (SELECT DISTINCT day_start_min FROM metric),
full_hour AS (
  SELECT c.*, unnest(generate_series((c.from_ms + c.offset_min * 60000) // 3600000,
                                     (c.to_ms - 1 + c.offset_min * 60000) // 3600000)) AS h
  FROM clock c)
SELECT b.day_start_min,
  greatest(f.from_ms, f.h * 3600000 - f.offset_min * 60000) AS from_ms,
  least(f.to_ms, (f.h + 1) * 3600000 - f.offset_min * 60000) AS to_ms,
  DATE '1970-01-01' + ((f.h * 3600000 - b.day_start_min * 60000) // 86400000)::INTEGER AS date
FROM full_hour f, begin b`;

/** A date as it goes on without a break; whoever flies back over midnight has one in two. */
const spans = `
CREATE TABLE span AS
WITH begun AS (
  SELECT *, date IS DISTINCT FROM lag(date) OVER (
    PARTITION BY day_start_min ORDER BY from_ms) AS begins FROM hour),
numbered AS (
  SELECT *, sum(begins::INTEGER) OVER (PARTITION BY day_start_min ORDER BY from_ms) AS nth FROM begun)
SELECT day_start_min, min(from_ms) AS from_ms, max(to_ms) AS to_ms
FROM numbered GROUP BY day_start_min, nth`;

/**
 * The time that a sample asks for. Of an average a moment holds until its device's next reading, no
 * longer than it may, and not beyond its date. Idle is what counted nothing: it is asked last of all.
 */
const claims = `
CREATE TABLE claim AS
SELECT t.*, m.fold, m.is_sleep, m.day_start_min,
  m.fold = 'sum' AND NOT m.is_sleep AND t.value = 0 AS is_idle,
  CASE WHEN m.fold = 'average' AND t.from_ms = t.to_ms
    THEN least(s.to_ms, t.from_ms + m.hold_ms, coalesce(min(t.from_ms) OVER (
      PARTITION BY t.metric, t.device ORDER BY t.from_ms
      RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), t.from_ms + m.hold_ms))
    ELSE t.to_ms END AS until_ms
FROM truth t JOIN metric m ON m.name = t.metric
JOIN span s ON s.day_start_min = m.day_start_min AND t.from_ms >= s.from_ms AND t.from_ms < s.to_ms`;

/** What of each lies in each hour; hours and samples meet by the hours of UTC that they touch. */
const clips = `
CREATE TABLE clip AS
WITH hour_in AS (
  SELECT h.*, unnest(generate_series(h.from_ms // 3600000, (h.to_ms - 1) // 3600000)) AS utc
  FROM hour h),
claim_in AS (
  SELECT c.*, unnest(generate_series(c.from_ms // 3600000, (c.until_ms - 1) // 3600000)) AS utc
  FROM claim c WHERE c.from_ms < c.until_ms AND c.fold <> 'latest'),
cut AS (
  SELECT DISTINCT c.id, c.metric, c.device, c.fold, c.is_sleep, c.is_idle, c.value, c.stage, c.key,
    c.from_ms AS claim_from, c.until_ms AS claim_to, h.date, h.from_ms AS hour,
    greatest(c.from_ms, h.from_ms) AS from_ms, least(c.until_ms, h.to_ms) AS to_ms
  FROM claim_in c JOIN hour_in h ON h.utc = c.utc AND h.day_start_min = c.day_start_min
    AND c.from_ms < h.to_ms AND c.until_ms > h.from_ms)
SELECT cut.*, p.place,
  -- Whoever counted something; the better device; of one device the finer, the earlier, the first by key.
  dense_rank() OVER (PARTITION BY cut.metric, cut.date
    ORDER BY is_idle, p.place, claim_to - claim_from, claim_from, key) AS turn
FROM cut JOIN place p ON p.device = cut.device AND cut.date >= p.since AND cut.date < p.until`;

/** Segments in which nothing begins or ends, each with the one that has it. */
const segments = `
CREATE TABLE segment AS
WITH bound AS (
  SELECT metric, hour, from_ms AS at_ms FROM clip UNION SELECT metric, hour, to_ms FROM clip),
piece AS (
  SELECT metric, hour, at_ms AS from_ms,
    lead(at_ms) OVER (PARTITION BY metric, hour ORDER BY at_ms) AS to_ms
  FROM bound),
first_in_turn AS (
  SELECT p.metric, p.hour, p.from_ms, p.to_ms, min(c.turn) AS turn
  FROM piece p JOIN clip c ON c.metric = p.metric AND c.hour = p.hour
    AND c.from_ms <= p.from_ms AND c.to_ms >= p.to_ms
  WHERE p.to_ms IS NOT NULL
  GROUP BY ALL)
SELECT f.from_ms AS seg_from, f.to_ms - f.from_ms AS ms, c.*
FROM first_in_turn f JOIN clip c ON c.metric = f.metric AND c.hour = f.hour AND c.turn = f.turn`;

/** At midnight a sample is parted by its time alone; within a day by how much of it was free. */
const stretches = `
CREATE TABLE counted AS
WITH part AS (
  SELECT id, date, sum(to_ms - from_ms) AS part_ms,
    sum(part_of(value, to_ms - claim_from, claim_to - claim_from)
      - part_of(value, from_ms - claim_from, claim_to - claim_from)) AS part_value
  FROM clip WHERE fold = 'sum' GROUP BY id, date),
free AS (
  SELECT s.*, sum(ms) OVER day AS free_ms, row_number() OVER day = 1 AS is_first
  FROM segment s WINDOW day AS (PARTITION BY id, date ORDER BY seg_from))
SELECT f.metric, f.fold, f.device, f.date, f.hour, f.seg_from AS at_ms, f.value, f.stage, f.is_first,
  f.ms,
  CASE WHEN f.fold <> 'sum' THEN 0 WHEN f.is_sleep THEN f.ms * (f.stage <> 'awake')::BIGINT
    ELSE part_of(part_value, free_ms, part_ms) - part_of(part_value, free_ms - f.ms, part_ms)
  END::BIGINT AS amount
FROM free f LEFT JOIN part USING (id, date)`;

/** A moment counts whole unless one before it in turn covers it, or counted that very moment. */
const moments = `
INSERT INTO counted
WITH placed AS (
  SELECT c.*, h.date, h.from_ms AS hour, p.place,
    row_number() OVER (PARTITION BY c.metric, c.from_ms ORDER BY c.is_idle, p.place, c.key) AS nth
  FROM claim c
  JOIN hour h ON h.day_start_min = c.day_start_min AND c.from_ms >= h.from_ms AND c.from_ms < h.to_ms
  JOIN place p ON p.device = c.device AND h.date >= p.since AND h.date < p.until
  WHERE c.fold = 'latest' OR (c.fold = 'sum' AND c.from_ms = c.to_ms))
SELECT m.metric, m.fold, m.device, m.date, m.hour, m.from_ms, m.value, m.stage, true, 0,
  CASE WHEN m.fold = 'sum' THEN m.value ELSE 0 END
FROM placed m
WHERE m.nth = 1 AND (m.fold = 'latest' OR NOT EXISTS (
  SELECT 1 FROM clip c WHERE c.metric = m.metric AND c.hour = m.hour
    AND (c.is_idle < m.is_idle OR (c.is_idle = m.is_idle AND c.place <= m.place))
    AND c.from_ms <= m.from_ms AND m.from_ms < c.to_ms))`;

const labels = {
  hour: "hour::VARCHAR",
  day: "date::VARCHAR",
  week: "strftime(date, '%G-W%V')",
  month: "strftime(date, '%Y-%m')",
} as const;

const stageColumns = ["asleep", "light", "deep", "rem", "awake"]
  .map((stage) => `sum(ms) FILTER (stage = '${stage}')::BIGINT AS ${stage}`)
  .join(", ");

/** A row for each metric and label of a grain. */
export const aggregatesOf = (grain: (typeof grains)[number]): string => `
WITH labelled AS (SELECT *, ${labels[grain]} AS label FROM counted),
source AS (
  SELECT metric, label, device, sum(CASE fold WHEN 'average' THEN ms ELSE amount END) AS amount
  FROM labelled GROUP BY ALL),
sources AS (
  SELECT metric, label, string_agg(device || ' ' || amount::BIGINT, ',' ORDER BY device) AS sources
  FROM source GROUP BY ALL)
SELECT metric, label,
  CASE fold WHEN 'sum' THEN sum(amount)::BIGINT WHEN 'latest' THEN arg_max(value, at_ms)
    ELSE quotient(sum(value::HUGEINT * ms), sum(ms)) END AS value,
  min(value) AS min, max(value) AS max, count(*) FILTER (is_first) AS count,
  CASE fold WHEN 'average' THEN sum(value::HUGEINT * ms)::VARCHAR END AS weighed_sum,
  CASE fold WHEN 'average' THEN sum(ms)::BIGINT END AS weighed_ms,
  CASE fold WHEN 'latest' THEN max(at_ms) END AS at_ms,
  ${stageColumns},
  count(DISTINCT date) AS days,
  CASE fold WHEN 'latest' THEN arg_max(device, at_ms) || ' 1' ELSE any_value(sources) END AS sources
FROM labelled JOIN sources USING (metric, label)
GROUP BY metric, label, fold`;

export const steps: readonly string[] = [
  ...macros,
  hours,
  spans,
  claims,
  clips,
  segments,
  stretches,
  moments,
];

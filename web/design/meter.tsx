/** How much of a bound is used: a drawn bar, and the element that says so to whoever does not see it. */

interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  /** The value in words, with its unit. */
  readonly text: string;
  readonly mood?: "good" | "warn" | "bad";
}

export function Meter({ label, value, max, text, mood = "good" }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div className="meter">
      <meter className="only-read" aria-label={label} value={share} aria-valuetext={text} />
      <div className={`fill ${mood}`} style={{ width: `${share * 100}%` }} />
    </div>
  );
}

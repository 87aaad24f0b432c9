/** How far something is, as a bar; the words beside it are the caller's. */
interface ProgressProps {
  readonly label: string;
  /** From 0 to 1. */
  readonly share: number;
}

export const Progress = ({ label, share }: ProgressProps) => {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      className="meter"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div className="fill" style={{ width: `${percent}%` }} />
    </div>
  );
};

/** What was done, as a picture beside its word. */
import type { ReactNode } from "react";

const ball = <circle cx="14" cy="4.5" r="1.8" />;
const wheels = (
  <>
    <circle cx="6" cy="16" r="4" />
    <circle cx="18" cy="16" r="4" />
  </>
);

const drawn: Readonly<Record<string, ReactNode>> = {
  run: (
    <>
      {ball}
      <path d="M6 10l4-3 4 2 3 3h3M12 9l-3 5 4 2 1 5M9 14l-2 3H3" />
    </>
  ),
  walk: (
    <>
      {ball}
      <path d="M13 8l-3 2-1 4M13 8l1 5 3 3 1 5M13 13l-2 4-3 4M13 8l3 3h3" />
    </>
  ),
  ride: (
    <>
      {wheels}
      <path d="M6 16l4-8h6l2 8M10 8l4 8M9 5h3" />
    </>
  ),
  e_ride: (
    <>
      {wheels}
      <path d="M6 16l4-8h6l2 8M13 2l-2 4h3l-2 4" />
    </>
  ),
  swim: (
    <>
      <circle cx="17" cy="8" r="2" />
      <path d="M3 14l9-4-3-4 5-1M2 17c2 0 2 2 4 2s2-2 4-2 2 2 4 2 2-2 4-2 2 2 4 2" />
    </>
  ),
  row: <path d="M4 4l11 11M2 16h20c-1 3-4 4-10 4S3 19 2 16zM15 15l5 5M8 12l2-3 4 1" />,
  ski: (
    <>
      {ball}
      <path d="M3 15l17 5M11 8l3 3-4 4 4 3M11 8l-5 3M14 11l5 1" />
    </>
  ),
  gym: <path d="M3 12h18M6 7v10M9 9v6M18 7v10M15 9v6" />,
  other: <path d="M3 13h4l3-8 4 14 3-6h4" />,
};

export const SportMark = ({ family }: { readonly family: string }) => (
  <span className="sport">
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {drawn[family] ?? drawn.other}
    </svg>
  </span>
);

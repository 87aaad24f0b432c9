/** Strokes of 2 on a field of 24, drawn for the bar; they say nothing that a word beside does not. */
import type { ReactNode } from "react";

const drawn = (children: ReactNode) => (
  <svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="2"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    {children}
  </svg>
);

export const icons = {
  board: drawn(<path d="M4 20v-7h5v7M9.5 20V5h5v15M15 20v-9h5v9M3 20h18" />),
  day: drawn(
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2" />
    </>,
  ),
  workouts: drawn(<path d="M3 13h4l3-8 4 14 3-6h4" />),
  data: drawn(
    <>
      <rect x="4" y="10" width="16" height="11" rx="2" />
      <path d="M8 10V7a4 4 0 0 1 8 0v3M12 14v3" />
    </>,
  ),
  coach: drawn(
    <>
      <circle cx="9" cy="8" r="4" />
      <path d="M2 21c0-4 3-6 7-6s7 2 7 6M17 4a4 4 0 0 1 0 8M22 21c0-3-1-5-4-6" />
    </>,
  ),
  operations: drawn(
    <>
      <path d="M4 15a8 8 0 1 1 16 0" />
      <path d="M12 15l4-5M3 19h18" />
    </>,
  ),
  artist: drawn(
    <>
      <circle cx="7" cy="18" r="3" />
      <circle cx="17" cy="16" r="3" />
      <path d="M10 18V6l10-2v12" />
    </>,
  ),
  stores: drawn(<path d="M4 10v10h16V10M3 10l2-6h14l2 6zM10 20v-5h4v5" />),
  audit: drawn(<path d="M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3" />),
} as const;

export type IconName = keyof typeof icons;

/** A provider's health by word, shape and colour: a disc, a triangle, a square. */
import type { ReactNode } from "react";
import type { ProviderStatus } from "./figures.ts";

type Colour = ProviderStatus["health"]["colour"];

const shapes: Readonly<Record<Colour, ReactNode>> = {
  green: <circle cx="6" cy="6" r="5" />,
  yellow: <path d="M6 1 11.5 11H0.5Z" />,
  red: <rect x="1" y="1" width="10" height="10" />,
};
const moods = { green: "good", yellow: "warn", red: "bad" } as const;
const said = { green: "Green", yellow: "Yellow", red: "Red" } as const;

export const Health = ({ colour }: { readonly colour: Colour }) => (
  <span className={`badge ${moods[colour]}`} data-health={colour}>
    <svg className="shape" viewBox="0 0 12 12" aria-hidden="true">
      {shapes[colour]}
    </svg>
    {said[colour]}
  </span>
);

/** A few big numbers side by side, each with what it is of. */
import type { ReactNode } from "react";
import "./figures.css";

export const Figures = ({ children }: { readonly children: ReactNode }) => (
  <dl className="figures">{children}</dl>
);

interface FigureProps {
  readonly name: string;
  readonly children: ReactNode;
}

export const Figure = ({ name, children }: FigureProps) => (
  <div>
    <dt>{name}</dt>
    <dd className="number">{children}</dd>
  </div>
);

/** One provider's flow, drawn; the sentence beside it says the same. */
import { number } from "../../design/format.ts";
import type { Gate } from "./figures.ts";
import { type FlowBox, flowOf, flowSize } from "./flow-shape.ts";

interface FlowDrawingProps {
  readonly title: string;
  readonly gate: Gate;
}

export function FlowDrawing({ title, gate }: FlowDrawingProps) {
  const { boxes, lines } = flowOf(gate);
  const said = boxes.map(({ name, n }) => `${name} ${number(n)}`).join(", ");
  return (
    <figure className="flow">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${flowSize.width} ${flowSize.height}`}
        role="img"
        aria-label={`${title}: ${said}`}
      >
        {lines.map(({ key, path, width }) => (
          <path key={key} className="line" d={path} strokeWidth={width} />
        ))}
        {boxes.map((box) => (
          <Box key={box.name} {...box} />
        ))}
      </svg>
    </figure>
  );
}

const cornerR = 8;

const Box = ({ name, n, x, y, width, height, mood }: FlowBox) => (
  <g className={`box ${mood}`}>
    <rect x={x} y={y} width={width} height={height} rx={cornerR} />
    <text className="n" x={x + width / 2} y={y + height / 2 - 3} textAnchor="middle">
      {number(n)}
    </text>
    <text x={x + width / 2} y={y + height / 2 + 15} textAnchor="middle">
      {name}
    </text>
  </g>
);

/** A table that may be wider than a phone: it scrolls by itself, by keyboard too, and the page does not. */
import type { ReactNode } from "react";

export interface Column {
  readonly key: string;
  readonly name: ReactNode;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

interface Row {
  readonly key: string;
  /** By the columns' keys; the first one names the row. */
  readonly cells: Readonly<Record<string, ReactNode>>;
}

interface WideTableProps {
  /** What it lists, for whoever hears it. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export const WideTable = ({ label, columns, rows }: WideTableProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard.
  <section className="scroll wide-table" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          {columns.map(({ key, name, isNumber }) => (
            <th key={key} scope="col" className={isNumber ? "end" : ""}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {columns.map((column, i) =>
              i === 0 ? (
                <th key={column.key} scope="row">
                  {cells[column.key]}
                </th>
              ) : (
                <td key={column.key} className={column.isNumber ? "end" : ""}>
                  {cells[column.key]}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

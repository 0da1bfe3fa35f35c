/** A plain table whose rows open; j and k walk through them, Enter opens. */

import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { cx } from "./cx";
import { isTyping } from "./keys";
import styles from "./table.module.css";
import { useChanged } from "./use_changed";

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: "end";
  /** Leaves first when the screen narrows: "late" below 900 px, "mid" below 640 px. */
  drop?: "mid" | "late";
  width?: string;
}

export interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Where the row leads; its first cell becomes the link. */
  href?: (row: Row) => string;
  /** A new value marks the row as changed for a moment. */
  mark?: (row: Row) => string;
}

export function DataTable<Row>({ label, columns, rows, rowKey, href, mark }: DataTableProps<Row>) {
  const frame = useRef<HTMLDivElement>(null);
  const changed = useChanged(rows, rowKey, mark);

  useEffect(() => {
    const walk = (event: KeyboardEvent): void => {
      if ((event.key !== "j" && event.key !== "k") || event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return;
      const links = [...(frame.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
      if (links.length === 0) return;
      const at = links.indexOf(document.activeElement as HTMLElement);
      const next = at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + (event.key === "j" ? 1 : -1)));
      links[next]?.focus();
      links[next]?.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    };
    document.addEventListener("keydown", walk);
    return () => {
      document.removeEventListener("keydown", walk);
    };
  }, []);

  const classOf = ({ align, drop }: Column<Row>): string => cx(align && styles[align], drop && styles[drop]);
  return (
    <div className={styles["frame"]} ref={frame}>
      <table className={styles["table"]} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={classOf(column)} style={{ width: column.width }}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <tr key={key} className={styles["row"]} data-opens={href ? "" : undefined} data-changed={changed.has(key) || undefined}>
                {columns.map((column, at) => (
                  <td key={column.id} className={classOf(column)}>
                    {at === 0 && href ? (
                      <Link className={styles["open"]} to={href(row)} data-row-link="">
                        {column.cell(row)}
                      </Link>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

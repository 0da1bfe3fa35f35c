/** The days of a month as a table; on a narrow screen, the days that have something as a list. */

import { useState } from "react";
import type { CalendarPiece } from "../api/types";
import { useFormat, useT } from "../i18n";
import { CalendarChip } from "./CalendarChip";
import styles from "./calendar.module.css";
import { localTime, monthOf, today, weeksOf } from "./month";
import { canMove } from "./use_moving";
import { useWide } from "./use_wide";

export interface CalendarGridProps {
  month: string;
  items: readonly CalendarPiece[];
  onMove: (piece: CalendarPiece, day: string) => void;
  onChoose: (piece: CalendarPiece) => void;
}

export function CalendarGrid(props: CalendarGridProps) {
  const { zone } = useFormat();
  const wide = useWide();
  const byDay = new Map<string, CalendarPiece[]>();
  for (const piece of props.items) {
    const { day } = localTime(piece.scheduled_for, zone);
    byDay.set(day, [...(byDay.get(day) ?? []), piece]);
  }
  return wide ? <Grid {...props} byDay={byDay} /> : <Agenda {...props} byDay={byDay} />;
}

type ByDay = CalendarGridProps & { byDay: Map<string, CalendarPiece[]> };

function noon(day: string): string {
  return `${day}T12:00:00Z`;
}

function Grid({ month, items, byDay, onMove, onChoose }: ByDay) {
  const t = useT();
  const format = useFormat();
  const weekday = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" });
  const [dragged, setDragged] = useState<CalendarPiece | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const weeks = weeksOf(month);
  const now = today(format.zone);
  const takes = (day: string) => dragged !== null && canMove(dragged) && monthOf(day) === month;
  const stop = () => {
    setDragged(null);
    setOver(null);
  };
  return (
    <table className={styles.grid} aria-label={t("planner.calendar.grid")} data-count={items.length}>
      <thead>
        <tr>
          {weeks[0]?.map((day) => (
            <th key={day} scope="col">
              {weekday.format(new Date(noon(day)))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <td
                key={day}
                data-day={day}
                data-outside={monthOf(day) !== month || undefined}
                data-today={day === now || undefined}
                data-over={(over === day && takes(day)) || undefined}
                onDragOver={(event) => {
                  if (!takes(day)) return;
                  event.preventDefault();
                  if (over !== day) setOver(day);
                }}
                onDrop={(event) => {
                  event.preventDefault();
                  if (dragged && takes(day)) onMove(dragged, day);
                  stop();
                }}
              >
                <span className={styles.number}>{Number(day.slice(8))}</span>
                {(byDay.get(day) ?? []).map((piece) => (
                  <CalendarChip
                    key={piece.id}
                    piece={piece}
                    isDragged={dragged?.id === piece.id}
                    onDrag={setDragged}
                    onDragEnd={stop}
                    onMove={onMove}
                    onChoose={onChoose}
                  />
                ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Agenda({ byDay, onMove, onChoose }: ByDay) {
  const format = useFormat();
  const now = today(format.zone);
  const days = [...byDay.keys()].sort();
  return (
    <ol className={styles.agenda}>
      {days.map((day) => (
        <li key={day} data-day={day}>
          <h3 data-today={day === now || undefined}>{format.day((byDay.get(day) ?? [])[0]?.scheduled_for ?? noon(day))}</h3>
          {(byDay.get(day) ?? []).map((piece) => (
            <CalendarChip key={piece.id} piece={piece} onMove={onMove} onChoose={onChoose} />
          ))}
        </li>
      ))}
    </ol>
  );
}

/** A piece on its day: opens it, is dragged, and has a menu for those who do not drag. */

import { CalendarArrowDown, CalendarArrowUp, CalendarDays, Check, EllipsisVertical, PanelRightOpen } from "lucide-react";
import { Link, useNavigate } from "react-router";
import type { CalendarPiece } from "../api/types";
import { IconButton, Menu } from "../design";
import { useFormat, useT } from "../i18n";
import { PlatformIcon } from "./PlatformIcon";
import styles from "./calendar.module.css";
import { addDays, localTime, monthOf } from "./month";
import { pieceName } from "./names";
import { paths } from "./paths";
import { canMove } from "./use_moving";

export interface CalendarChipProps {
  piece: CalendarPiece;
  isDragged?: boolean;
  onDrag?: (piece: CalendarPiece) => void;
  onDragEnd?: () => void;
  onMove: (piece: CalendarPiece, day: string) => void;
  onChoose: (piece: CalendarPiece) => void;
}

export function CalendarChip({ piece, isDragged, onDrag, onDragEnd, onMove, onChoose }: CalendarChipProps) {
  const t = useT();
  const format = useFormat();
  const movable = canMove(piece);
  return (
    <div
      className={styles.chip}
      data-piece={piece.id}
      data-dragged={isDragged || undefined}
      data-approved={piece.status === "approved" || undefined}
      draggable={movable && onDrag !== undefined}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", piece.text.slice(0, 80));
        onDrag?.(piece);
      }}
      onDragEnd={onDragEnd}
    >
      <Link to={paths.campaign(piece.campaign_id, piece.id)} draggable={false}>
        <PlatformIcon platform={piece.platform} size={16} named />
        <span className={styles.when}>{format.time(piece.scheduled_for)}</span>
        {piece.status === "approved" ? <Check size={12} role="img" aria-label={t("planner.piece.status.approved")} /> : null}
        <span className={styles.about}>{piece.theme || pieceName(t, piece)}</span>
      </Link>
      <ChipMenu piece={piece} movable={movable} onMove={onMove} onChoose={onChoose} />
    </div>
  );
}

interface ChipMenuProps extends Pick<CalendarChipProps, "piece" | "onMove" | "onChoose"> {
  movable: boolean;
}

function ChipMenu({ piece, movable, onMove, onChoose }: ChipMenuProps) {
  const t = useT();
  const { zone } = useFormat();
  const navigate = useNavigate();
  const { day } = localTime(piece.scheduled_for, zone);
  const step = (count: number) => {
    const to = addDays(day, count);
    return {
      disabled: !movable || monthOf(to) !== monthOf(day),
      onSelect: () => {
        onMove(piece, to);
      },
    };
  };
  return (
    <Menu
      trigger={
        <IconButton
          size="sm"
          className={styles.menu}
          label={t("planner.calendar.menu", { piece: pieceName(t, piece) })}
          icon={<EllipsisVertical />}
        />
      }
      entries={[
        {
          id: "open",
          label: t("planner.calendar.open"),
          icon: <PanelRightOpen />,
          onSelect: () => void navigate(paths.campaign(piece.campaign_id, piece.id)),
        },
        "rule",
        { id: "earlier", label: t("planner.calendar.day_earlier"), icon: <CalendarArrowUp />, ...step(-1) },
        { id: "later", label: t("planner.calendar.day_later"), icon: <CalendarArrowDown />, ...step(1) },
        {
          id: "choose",
          label: t("planner.calendar.move"),
          icon: <CalendarDays />,
          disabled: !movable,
          onSelect: () => {
            onChoose(piece);
          },
        },
      ]}
    />
  );
}

/** Another day for a piece, chosen from a list instead of dragged. */

import { useState } from "react";
import type { CalendarPiece } from "../api/types";
import { Button, Dialog, Field, TextInput } from "../design";
import { useFormat, useT } from "../i18n";
import { daysOf, localTime, monthOf } from "./month";
import { pieceName } from "./names";
import { platformOf } from "./platforms";

export interface MoveDialogProps {
  piece: CalendarPiece;
  onClose: () => void;
  onMove: (day: string) => void;
}

export function MoveDialog({ piece, onClose, onMove }: MoveDialogProps) {
  const t = useT();
  const { zone } = useFormat();
  const { day: from } = localTime(piece.scheduled_for, zone);
  const [day, setDay] = useState(from);
  const days = daysOf(monthOf(from));
  const wrong = days.includes(day) ? undefined : t("planner.calendar.other_month");
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("planner.calendar.move_title")}
      text={`${pieceName(t, piece)} · ${platformOf(piece.platform).name}`}
      footer={
        <Button
          variant="primary"
          disabled={wrong !== undefined || day === from}
          onClick={() => {
            onMove(day);
          }}
        >
          {t("planner.calendar.move_save")}
        </Button>
      }
    >
      <Field label={t("planner.edit.day")} error={wrong}>
        <TextInput type="date" min={days[0]} max={days[days.length - 1]} value={day} onValue={setDay} />
      </Field>
    </Dialog>
  );
}

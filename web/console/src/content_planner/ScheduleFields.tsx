/** When a piece goes out, on the client's own clock. */

import { Field, TextInput } from "../design";
import { useFormat, useLanguage, useT } from "../i18n";
import styles from "./editor.module.css";
import { daysOf } from "./month";
import { inSentence } from "./names";
import type { Editing } from "./use_editing";

export function ScheduleFields(props: { month: string; editing: Editing; refused: string | undefined }) {
  const { month, editing, refused } = props;
  const t = useT();
  const format = useFormat();
  const [language] = useLanguage();
  const days = daysOf(month);
  const { draft, change, faults } = editing;
  const fault = faults["when"];
  const told = inSentence(format.month(month), language);
  const error = fault ? t(`planner.edit.${fault as "bad_time" | "out_of_month"}`, { month: told }) : refused;
  return (
    <fieldset className={styles.group}>
      <legend>{t("planner.edit.when")}</legend>
      <div className={styles.pair}>
        <Field label={t("planner.edit.day")} error={error}>
          <TextInput
            type="date"
            value={draft.day}
            min={days[0]}
            max={days[days.length - 1]}
            onChange={(event) => {
              change({ day: event.target.value });
            }}
          />
        </Field>
        <Field label={t("planner.edit.time")}>
          <TextInput
            type="time"
            value={draft.time}
            onChange={(event) => {
              change({ time: event.target.value.slice(0, 5) });
            }}
          />
        </Field>
      </div>
      <p className={styles.note}>{t("planner.edit.zone", { zone: format.zone.replace(/_/g, " ") })}</p>
    </fieldset>
  );
}

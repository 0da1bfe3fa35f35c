/** A list of short texts, typed one after the other: Enter or comma adds, Backspace in the empty field takes the last back. */

import { X } from "lucide-react";
import { useState } from "react";
import { useT } from "../i18n";
import { useField } from "./Field";
import styles from "./field.module.css";

export interface ChipInputProps {
  values: readonly string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
  max?: number;
  /** Which of them are wrong, by position. */
  invalid?: readonly number[];
  /** Also add at a comma; off for texts that may hold one. */
  commaAdds?: boolean;
  /** Brings what is typed into its form, or "" to drop it. */
  normalize?: (text: string) => string;
}

const trimmed = (text: string): string => text.trim();

export function ChipInput(props: ChipInputProps) {
  const { values, onChange, placeholder, max = Infinity, invalid = [], commaAdds = true, normalize = trimmed } = props;
  const t = useT();
  const field = useField();
  const [draft, setDraft] = useState("");

  const add = (texts: string[]): void => {
    const found = texts.map(normalize).filter(Boolean);
    const next = [...values];
    for (const text of found) {
      if (next.length < max && !next.some((known) => known.toLowerCase() === text.toLowerCase())) next.push(text);
    }
    setDraft("");
    if (next.length > values.length) onChange(next);
  };
  const removeAt = (at: number): void => {
    onChange(values.filter((_, index) => index !== at));
  };
  const splitter = commaAdds ? /[,\n]/ : /\n/;

  return (
    <div className={styles["chips"]} data-invalid={field["aria-invalid"]}>
      {values.map((value, at) => (
        <span key={value} className={styles["chip"]} data-invalid={invalid.includes(at) || undefined} title={value}>
          <span>{value}</span>
          <button
            type="button"
            aria-label={t("design.chip.remove", { value })}
            onClick={() => {
              removeAt(at);
            }}
          >
            <X aria-hidden="true" />
          </button>
        </span>
      ))}
      <input
        {...field}
        className={styles["inner"]}
        value={draft}
        placeholder={values.length === 0 ? placeholder : undefined}
        onChange={(event) => {
          const text = event.target.value;
          if (splitter.test(text)) add(text.split(splitter));
          else setDraft(text);
        }}
        onPaste={(event) => {
          const text = event.clipboardData.getData("text");
          if (!/[\n,;]/.test(text)) return;
          event.preventDefault();
          add(text.split(/\n|;|,/));
        }}
        onBlur={() => {
          add([draft]);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter" && draft.trim()) {
            event.preventDefault();
            add([draft]);
          } else if (event.key === "Backspace" && draft === "" && values.length > 0) {
            removeAt(values.length - 1);
          }
        }}
      />
    </div>
  );
}

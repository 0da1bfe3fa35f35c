/** A label with its control; what is wrong stands at the field and is read out with it. */

import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { createContext, use, useId } from "react";
import styles from "./field.module.css";

interface FieldLink {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}

const FieldContext = createContext<FieldLink | null>(null);

/** What a control inside a Field puts on its element. */
export function useField(): { id?: string; "aria-describedby"?: string; "aria-invalid"?: true } {
  const field = use(FieldContext);
  if (!field) return {};
  return {
    id: field.id,
    ...(field.describedBy ? { "aria-describedby": field.describedBy } : {}),
    ...(field.invalid ? { "aria-invalid": true } : {}),
  };
}

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  /** At the end of the label's line. */
  aside?: ReactNode;
  /** For a group of controls (chips, toggles): the label names the group. */
  group?: boolean;
  children: ReactNode;
}

export function Field({ label, hint, error, aside, group = false, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
  const link: FieldLink = { id: `${id}-control`, describedBy: described, invalid: Boolean(error) };
  const inside = group ? null : link;
  return (
    <div
      className={styles["field"]}
      {...(group ? { role: "group", "aria-labelledby": `${id}-label`, "aria-describedby": described } : {})}
    >
      <div className={styles["labelRow"]}>
        {group ? (
          <span className={styles["label"]} id={`${id}-label`}>
            {label}
          </span>
        ) : (
          <label className={styles["label"]} htmlFor={link.id}>
            {label}
          </label>
        )}
        {aside}
      </div>
      <FieldContext value={inside}>{children}</FieldContext>
      {error ? (
        <p className={styles["error"]} id={`${id}-error`}>
          <CircleAlert aria-hidden="true" />
          <span>{error}</span>
        </p>
      ) : null}
      {hint ? (
        <p className={styles["hint"]} id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** Controls to type and choose with; inside a Field they find their label and their error by themselves. */

import { Eye, EyeOff, Search } from "lucide-react";
import type { ComponentProps } from "react";
import { useState } from "react";
import { useT } from "../i18n";
import { IconButton } from "./Button";
import { cx } from "./cx";
import { useField } from "./Field";
import styles from "./field.module.css";

export interface TextInputProps extends ComponentProps<"input"> {
  onValue?: (value: string) => void;
}

export function TextInput({ onValue, className, onChange, ...rest }: TextInputProps) {
  return (
    <input
      type="text"
      {...useField()}
      {...rest}
      className={cx(styles["input"], className)}
      onChange={(event) => {
        onChange?.(event);
        onValue?.(event.target.value);
      }}
    />
  );
}

export function PasswordInput(props: TextInputProps) {
  const t = useT();
  const [shown, setShown] = useState(false);
  return (
    <div className={styles["withAction"]}>
      <TextInput {...props} type={shown ? "text" : "password"} />
      <IconButton
        label={t(shown ? "design.password.hide" : "design.password.show")}
        size="sm"
        icon={shown ? <EyeOff /> : <Eye />}
        onClick={() => {
          setShown(!shown);
        }}
      />
    </div>
  );
}

export function SearchInput({ label, ...rest }: TextInputProps & { label: string }) {
  return (
    <div className={styles["withIcon"]}>
      <Search aria-hidden="true" />
      <TextInput {...rest} type="search" aria-label={label} placeholder={rest.placeholder ?? label} />
    </div>
  );
}

export interface TextAreaProps extends ComponentProps<"textarea"> {
  onValue?: (value: string) => void;
}

export function TextArea({ onValue, className, onChange, ...rest }: TextAreaProps) {
  return (
    <textarea
      {...useField()}
      {...rest}
      className={cx(styles["input"], styles["area"], className)}
      onChange={(event) => {
        onChange?.(event);
        onValue?.(event.target.value);
      }}
    />
  );
}

/** "120 / 280": for a Field's `aside`. Turns red when too long, and says so. */
export function Counter({ used, max, label }: { used: number; max: number; label?: string }) {
  return (
    <span className={styles["counter"]} data-over={used > max || undefined} aria-label={label}>
      {used} / {max}
    </span>
  );
}

export interface SelectProps extends Omit<ComponentProps<"select">, "onChange" | "size"> {
  options: readonly { value: string; label: string; disabled?: boolean }[];
  onValue: (value: string) => void;
  size?: "sm" | "md";
  /** When there is no Field around it. */
  label?: string;
}

export function Select({ options, onValue, size = "md", label, className, ...rest }: SelectProps) {
  return (
    <select
      {...useField()}
      {...(label ? { "aria-label": label } : {})}
      {...rest}
      className={cx(styles["input"], styles["select"], size === "sm" && styles["sm"], className)}
      onChange={(event) => {
        onValue(event.target.value);
      }}
    >
      {options.map(({ value, label: text, disabled }) => (
        <option key={value} value={value} disabled={disabled}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** Things to press. A busy button keeps its size and says so; it can't be pressed twice. */

import type { ComponentProps, ReactNode } from "react";
import { Link } from "react-router";
import styles from "./button.module.css";
import { cx } from "./cx";
import { Tooltip } from "./Tooltip";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger";

interface Look {
  variant?: ButtonVariant;
  size?: "sm" | "md";
  block?: boolean;
}

export interface ButtonProps extends ComponentProps<"button">, Look {
  busy?: boolean;
  icon?: ReactNode;
}

function look({ variant = "secondary", size = "md", block = false }: Look): string {
  return cx(styles["button"], styles[variant], size === "sm" && styles["sm"], block && styles["block"]);
}

export function Button({ variant, size, block, busy = false, icon, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(look({ variant, size, block }), className)}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className={styles["spinner"]} /> : icon}
      {children}
    </button>
  );
}

export interface ButtonLinkProps extends ComponentProps<typeof Link>, Look {
  icon?: ReactNode;
}

export function ButtonLink({ variant, size, block, icon, className, children, ...rest }: ButtonLinkProps) {
  return (
    <Link {...rest} className={cx(look({ variant, size, block }), className)}>
      {icon}
      {children}
    </Link>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "aria-label"> {
  label: string;
  /** A shortcut shown beside the label. */
  keys?: string | undefined;
}

export function IconButton({ label, keys, variant = "ghost", size, busy = false, icon, className, children, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label} keys={keys}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-busy={busy || undefined}
        className={cx(look({ variant, size }), styles["icon"], className)}
      >
        {busy ? <span className={styles["spinner"]} /> : (icon ?? children)}
      </button>
    </Tooltip>
  );
}

export interface ToggleProps extends Omit<ComponentProps<"button">, "onToggle"> {
  pressed: boolean;
  onToggle: (pressed: boolean) => void;
}

/** A chip that is on or off. */
export function Toggle({ pressed, onToggle, className, ...rest }: ToggleProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-pressed={pressed}
      className={cx(styles["button"], styles["toggle"], className)}
      onClick={() => {
        onToggle(!pressed);
      }}
    />
  );
}

export function Spinner() {
  return <span className={styles["spinner"]} aria-hidden="true" />;
}

/** Short notices of what ended elsewhere. What the user just did shows where it was done, not here. */

import { CircleCheck, CircleX, Info, X } from "lucide-react";
import type { ReactNode } from "react";
import { useSyncExternalStore } from "react";
import { useT } from "../i18n";
import { IconButton } from "./Button";
import styles from "./states.module.css";

export interface Toast {
  tone?: "green" | "red" | "grey";
  title: ReactNode;
  text?: ReactNode;
  action?: ReactNode;
  /** Two with the same id are one. */
  id?: string;
}

interface Shown extends Toast {
  id: string;
}

const LIFE_MS = 7_000;
const MOST = 4;
let shown: readonly Shown[] = [];
let count = 0;
const listeners = new Set<() => void>();

function publish(next: readonly Shown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export function toast(given: Toast): void {
  const id = given.id ?? `toast-${String(++count)}`;
  publish([...shown.filter((one) => one.id !== id), { ...given, id }].slice(-MOST));
  // An error stays until it was read.
  if (given.tone !== "red") {
    setTimeout(() => {
      dismiss(id);
    }, LIFE_MS);
  }
}

function dismiss(id: string): void {
  publish(shown.filter((one) => one.id !== id));
}

const ICONS = { green: CircleCheck, red: CircleX, grey: Info };

export function Toaster() {
  const t = useT();
  const toasts = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className={styles["toaster"]} role="region" aria-live="polite" aria-label={t("design.notices")}>
      {toasts.map(({ id, tone = "grey", title, text, action }) => {
        const Icon = ICONS[tone];
        return (
          <div key={id} className={styles["toast"]} data-tone={tone}>
            <Icon aria-hidden="true" />
            <div className={styles["toastBody"]}>
              <p className={styles["toastTitle"]}>{title}</p>
              {text && <p className={styles["toastText"]}>{text}</p>}
              {action}
            </div>
            <IconButton
              label={t("design.close")}
              size="sm"
              icon={<X />}
              onClick={() => {
                dismiss(id);
              }}
            />
          </div>
        );
      })}
    </div>
  );
}

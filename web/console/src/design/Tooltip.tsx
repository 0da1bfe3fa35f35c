/** A short name for what has none on screen. It repeats, it never explains what must be known. */

import * as Radix from "@radix-ui/react-tooltip";
import type { ReactNode } from "react";
import { Kbd } from "./Kbd";
import styles from "./overlay.module.css";

export const TooltipProvider = Radix.Provider;

export function Tooltip({ label, keys, children }: { label: ReactNode; keys?: string; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles["tip"]} sideOffset={6} collisionPadding={8}>
          {label}
          {keys && <Kbd>{keys}</Kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

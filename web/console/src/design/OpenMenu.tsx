/** The menu itself, fetched when the first one is opened. */

import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check } from "lucide-react";
import { cx } from "./cx";
import type { MenuEntry, MenuProps } from "./Menu";
import styles from "./overlay.module.css";

export default function OpenMenu({ trigger, entries, label, align = "end" }: MenuProps) {
  return (
    <Radix.Root modal={false} defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles["menu"]} align={align} sideOffset={6} collisionPadding={8}>
          {label && <Radix.Label className={styles["menuLabel"]}>{label}</Radix.Label>}
          {entries.map((entry, at) =>
            entry === "rule" ? (
              <Radix.Separator key={`rule-${String(at)}`} className={styles["rule"]} />
            ) : (
              <Entry key={entry.id} entry={entry} />
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  const content = (
    <>
      {entry.icon}
      <span>{entry.label}</span>
      {entry.checked && <Check className={styles["mark"]} aria-hidden="true" />}
    </>
  );
  const className = cx(styles["item"], entry.danger && styles["red"]);
  if (entry.checked === undefined) {
    return (
      <Radix.Item className={className} disabled={entry.disabled} onSelect={entry.onSelect}>
        {content}
      </Radix.Item>
    );
  }
  return (
    <Radix.CheckboxItem className={className} checked={entry.checked} disabled={entry.disabled} onSelect={entry.onSelect}>
      {content}
    </Radix.CheckboxItem>
  );
}

import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";
import styles from "./page.module.css";

export interface Tab {
  id: string;
  label: ReactNode;
  count?: number;
  content: ReactNode;
}

export interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  value: string;
  onValue: (id: string) => void;
}

/** Several views of one thing. */
export function Tabs({ label, tabs, value, onValue }: TabsProps) {
  return (
    <Radix.Root value={value} onValueChange={onValue}>
      <Radix.List className={styles["tabs"]} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.id} value={tab.id} className={styles["tab"]}>
            {tab.label}
            {tab.count !== undefined && <span className={styles["count"]}>{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}

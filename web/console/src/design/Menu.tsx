/**
 * A short list of acts or choices behind a button. What draws it is fetched when the first menu is pointed at or opened,
 * because a first load has more urgent things to fetch.
 */

import type { ReactElement, ReactNode } from "react";
import { Suspense, cloneElement, lazy, useState } from "react";

const fetchMenu = () => import("./OpenMenu");
const OpenMenu = lazy(fetchMenu);

export interface MenuEntry {
  id: string;
  label: ReactNode;
  icon?: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Shows a tick when given: the entry is one of several choices. */
  checked?: boolean;
}

interface TriggerProps {
  onClick?: () => void;
  onPointerEnter?: () => void;
  onFocus?: () => void;
  onKeyDown?: (event: React.KeyboardEvent) => void;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
}

export interface MenuProps {
  /** A button; it must pass on what it is given. */
  trigger: ReactElement;
  entries: (MenuEntry | "rule")[];
  label?: ReactNode;
  align?: "start" | "end";
}

export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const open = (): void => {
    setWanted(true);
  };
  const before = cloneElement(props.trigger as ReactElement<TriggerProps>, {
    onClick: open,
    onPointerEnter: () => void fetchMenu(),
    onFocus: () => void fetchMenu(),
    onKeyDown: (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      open();
    },
    "aria-haspopup": "menu",
    "aria-expanded": false,
  });
  if (!wanted) return before;
  return (
    <Suspense fallback={before}>
      <OpenMenu {...props} />
    </Suspense>
  );
}

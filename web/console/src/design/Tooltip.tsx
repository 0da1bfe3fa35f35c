/**
 * A short name for what has none on screen, after a moment of hovering or at once with the keyboard. It repeats what
 * assistive technology hears anyway, so it is hidden from it; what must be known is never only here.
 */

import type { CSSProperties, ReactNode } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Kbd } from "./Kbd";
import styles from "./overlay.module.css";

const DELAY_MS = 400;
const EDGE = 8;

export interface TooltipProps {
  label: ReactNode;
  keys?: string | undefined;
  children: ReactNode;
}

export function Tooltip({ label, keys, children }: TooltipProps) {
  const around = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [shown, setShown] = useState(false);

  const show = (delay: number): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setShown(true);
    }, delay);
  };
  const hide = (): void => {
    clearTimeout(timer.current);
    setShown(false);
  };
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return (
    <span
      ref={around}
      className={styles["tipped"]}
      onPointerEnter={(event) => {
        if (event.pointerType === "mouse") show(DELAY_MS);
      }}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => {
        if (event.target.matches(":focus-visible")) show(0);
      }}
      onBlur={hide}
      onKeyDown={hide}
    >
      {children}
      {shown && (
        <Tip anchor={() => around.current?.firstElementChild ?? null}>
          {label}
          {keys && <Kbd>{keys}</Kbd>}
        </Tip>
      )}
    </span>
  );
}

function Tip({ anchor, children }: { anchor: () => Element | null; children: ReactNode }) {
  const tip = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<CSSProperties>({ visibility: "hidden" });
  useLayoutEffect(() => {
    const from = anchor()?.getBoundingClientRect();
    const size = tip.current?.getBoundingClientRect();
    if (!from || !size) return;
    const below = from.bottom + 6;
    const top = below + size.height + EDGE > innerHeight ? from.top - 6 - size.height : below;
    const centred = from.left + from.width / 2 - size.width / 2;
    setPlace({ top, left: Math.max(EDGE, Math.min(innerWidth - size.width - EDGE, centred)) });
    // Placed once, when it appears.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return createPortal(
    <div ref={tip} className={styles["tip"]} style={place} aria-hidden="true">
      {children}
    </div>,
    document.body,
  );
}

import { useEffect, useRef, useState } from "react";

const SHOWN_MS = 1_700;

/** The keys of rows whose mark changed while they were on screen, for a moment each. */
export function useChanged<Row>(rows: readonly Row[], keyOf: (row: Row) => string, markOf?: (row: Row) => string): ReadonlySet<string> {
  const known = useRef<ReadonlyMap<string, string> | null>(null);
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => {
    if (!markOf) return;
    const marks = new Map(rows.map((row) => [keyOf(row), markOf(row)]));
    const before = known.current;
    known.current = marks;
    if (!before) return;
    const found = [...marks].filter(([key, mark]) => before.has(key) && before.get(key) !== mark).map(([key]) => key);
    if (found.length === 0) return;
    setChanged((now) => new Set([...now, ...found]));
    setTimeout(() => {
      setChanged((now) => new Set([...now].filter((key) => !found.includes(key))));
    }, SHOWN_MS);
    // Only data moves this; the functions are written anew at each drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [rows]);
  return changed;
}

/** Characters as the platform counts them, with a bar that fills and says in words when there are too many. */

import { useFormat, useT } from "../i18n";
import styles from "./counter.module.css";
import { countChars, platformOf, renderedText } from "./platforms";

export function Counter({ platform, text, hashtags }: { platform: string; text: string; hashtags: readonly string[] }) {
  const t = useT();
  const { number } = useFormat();
  const { max_chars: max, name } = platformOf(platform);
  const chars = countChars(platform, renderedText(text, hashtags));
  const over = chars - max;
  const state = over > 0 ? "over" : chars > max * 0.9 ? "near" : "fine";
  return (
    <span className={styles.counter} data-state={state} title={t("planner.edit.count.label", { name })}>
      <span className={styles.bar} aria-hidden>
        <i style={{ width: `${String(Math.min(100, (chars / max) * 100))}%` }} />
      </span>
      <span>{t("planner.edit.count", { n: number(chars), max: number(max) })}</span>
      {over > 0 ? <b>{t("planner.edit.count.over", { n: number(over) })}</b> : null}
    </span>
  );
}

/** Any JSON, to read and to copy. */

import { CopyButton } from "./CopyButton";
import styles from "./json.module.css";
import { useT } from "../i18n";

export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  const t = useT();
  const text = JSON.stringify(value, null, 2) ?? "null";
  return (
    <div className={styles["json"]}>
      {/* It scrolls, so the keyboard must be able to reach it. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <span className={styles["copy"]}>
        <CopyButton text={text} label={t("job.copy.json")} />
      </span>
    </div>
  );
}

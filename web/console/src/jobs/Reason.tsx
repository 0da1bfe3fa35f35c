/** Why something failed, in the reader's words; the API's own sentence is there, small, for whoever looks closer. */

import { useT } from "../i18n";
import styles from "./reason.module.css";
import type { Failure } from "./words";
import { reasonOf } from "./words";

export function Reason({ failure }: { failure: Failure | null | undefined }) {
  const t = useT();
  const reason = reasonOf(t, failure);
  if (!reason) return null;
  const { text, code, detail } = reason;
  return (
    <div className={styles["reason"]}>
      {text && <p>{text}</p>}
      {detail ? (
        <details open={text === null}>
          <summary>
            {t("job.reason.exact")} {code && <code>{code}</code>}
          </summary>
          <p lang="en">{detail}</p>
        </details>
      ) : (
        code && <code>{code}</code>
      )}
    </div>
  );
}

/** Nothing here yet, or something went wrong: both say what it is and the one thing to do. */

import { CircleX, RotateCw, WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { isProblem } from "../api/problem";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import { Button } from "./Button";
import styles from "./states.module.css";

export interface EmptyStateProps {
  icon: ReactNode;
  title: ReactNode;
  text?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ icon, title, text, action }: EmptyStateProps) {
  return (
    <div className={styles["state"]}>
      <span className={styles["icon"]}>{icon}</span>
      <h2 className={styles["title"]}>{title}</h2>
      {text && <p className={styles["text"]}>{text}</p>}
      {action && <div className={styles["actions"]}>{action}</div>}
    </div>
  );
}

const KNOWN: Record<string, { title: Key; text: Key }> = {
  unreachable: { title: "error.unreachable.title", text: "error.unreachable.text" },
  not_found: { title: "error.not_found.title", text: "error.not_found.text" },
  unavailable: { title: "error.unavailable.title", text: "error.unavailable.text" },
  rate_limited: { title: "error.rate_limited.title", text: "error.rate_limited.text" },
  subscription_read_only: { title: "error.read_only.title", text: "error.read_only.text" },
  internal_error: { title: "error.unknown.title", text: "error.unknown.text" },
  forbidden: { title: "error.forbidden.title", text: "error.forbidden.text" },
  conflict: { title: "error.conflict.title", text: "error.conflict.text" },
};

/** What to tell about an error: a known one in the client's language, else the API's own sentence under a title of ours. */
export function useExplain(): (error: unknown) => { title: string; text: string } {
  const t = useT();
  const format = useFormat();
  return (error) => {
    if (!isProblem(error)) return { title: t("error.unknown.title"), text: t("error.unknown.text") };
    if (error.code === "quota_exhausted" && error.resets_at) {
      return { title: t("error.quota.title"), text: t("error.quota.text", { when: format.dateTime(error.resets_at) }) };
    }
    const known = KNOWN[error.code];
    if (known) return { title: t(known.title), text: t(known.text) };
    return { title: t("error.unknown.title"), text: error.detail || t("error.unknown.text") };
  };
}

export function RequestId({ problem }: { problem: unknown }) {
  const t = useT();
  if (!isProblem(problem) || !problem.requestId) return null;
  return (
    <span className={styles["request"]}>
      {t("error.request")} <code>{problem.requestId}</code>
    </span>
  );
}

export function ErrorState({ problem, retry, action }: { problem: unknown; retry?: () => void; action?: ReactNode }) {
  const t = useT();
  const { title, text } = useExplain()(problem);
  const code = isProblem(problem) ? problem.code : "";
  const offline = code === "unreachable";
  const hopeful = code !== "not_found" && code !== "feature_forbidden";
  return (
    <div className={styles["state"]} data-tone="red" role="alert">
      <span className={styles["icon"]}>{offline ? <WifiOff /> : <CircleX />}</span>
      <h2 className={styles["title"]}>{title}</h2>
      <p className={styles["text"]}>{text}</p>
      <div className={styles["actions"]}>
        {retry && hopeful && (
          <Button icon={<RotateCw />} onClick={retry}>
            {t("error.retry")}
          </Button>
        )}
        {action}
      </div>
      <RequestId problem={problem} />
    </div>
  );
}

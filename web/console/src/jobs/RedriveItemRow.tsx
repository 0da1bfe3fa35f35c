/** One job of a redrive: the verdict, and what becomes of each thing that it did outside. */

import { Badge, RelativeTime } from "../design";
import type { Tone } from "../design";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import { jobName, stepName } from "./names";
import styles from "./redrive.module.css";
import type { RedriveItem, Verdict } from "./shapes";
import { reasonLine } from "./words";

const TONES: Record<Verdict, Tone> = { had_effect: "blue", goes_on: "green", starts_over: "green", in_doubt: "amber", refused: "red" };
const REFUSALS = new Set(["still_open", "succeeded", "winding_up", "parts_stopping", "unknown_type"]);

export function RedriveItemRow({ item }: { item: RedriveItem }) {
  const t = useT();
  const format = useFormat();
  return (
    <li className={styles["item"]}>
      <div className={styles["head"]}>
        <span className={styles["name"]}>{jobName(t, item.type)}</span>
        <code>{item.id.slice(-8)}</code>
        {item.finished_at && (
          <span className={styles["when"]}>
            <RelativeTime when={item.finished_at} />
          </span>
        )}
        <Badge tone={TONES[item.verdict]}>{t(`redrive.verdict.${item.verdict}`)}</Badge>
      </div>
      {item.error && <p className={styles["error"]}>{reasonLine(t, item.error)}</p>}
      <p className={styles["meaning"]}>{meaning()}</p>
      {item.effects.length > 0 && (
        <ul className={styles["effects"]}>
          {item.effects.map((effect) => (
            <li key={effect.key}>
              <b>{stepName(t, effect.name)}</b> {t(`redrive.fate.${effect.fate}`)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );

  function meaning(): string {
    if (item.verdict === "refused") {
      const reason = item.reason ?? "";
      if (REFUSALS.has(reason)) return t(`redrive.refused.${reason}` as Key);
      return reasonLine(t, { code: reason, detail: item.detail });
    }
    if (item.verdict === "in_doubt") return t("redrive.text.in_doubt");
    if (item.steps_done.length === 0) return t(`redrive.text.${item.verdict}`);
    return t("redrive.text.kept", { steps: format.list(item.steps_done.map((name) => stepName(t, name))) });
  }
}

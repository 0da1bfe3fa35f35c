/** The piece moved on while the client was typing: both versions are kept until one is chosen. */

import { GitBranch } from "lucide-react";
import { Button } from "../design";
import { useT } from "../i18n";
import styles from "./editor.module.css";
import type { Editing } from "./use_editing";

export function ConflictNote({ editing }: { editing: Editing }) {
  const t = useT();
  if (!editing.newer) return null;
  return (
    <div className={styles.conflict} role="alert">
      <GitBranch size={16} aria-hidden />
      <div>
        <b>{t("planner.conflict.title")}</b>
        <p>{t("planner.conflict.text", { n: editing.newer.version })}</p>
        <span className={styles.choices}>
          <Button size="sm" onClick={editing.takeTheirs}>
            {t("planner.conflict.theirs")}
          </Button>
          <Button size="sm" variant="primary" onClick={editing.keepMine}>
            {t("planner.conflict.mine")}
          </Button>
        </span>
      </div>
    </div>
  );
}

import { CircleAlert } from "lucide-react";
import { useT } from "../i18n";
import { useMe } from "./session";
import styles from "./shell.module.css";

export function ReadOnlyBanner() {
  const t = useT();
  const { data: me } = useMe();
  if (!me?.read_only) return null;
  return (
    <div className={styles["banner"]} role="status">
      <CircleAlert aria-hidden="true" />
      <span>{t("plan.read_only")}</span>
    </div>
  );
}

/** For an admin: its own jobs, or everybody's. */

import { useT } from "../i18n";
import { useMe } from "../shell/session";
import styles from "./jobs.module.css";

export function useIsAdmin(): boolean {
  return useMe().data?.role === "admin";
}

export function ScopeToggle({ everybody, onEverybody }: { everybody: boolean; onEverybody: (everybody: boolean) => void }) {
  const t = useT();
  return (
    <div className={styles["states"]} role="group" aria-label={t("jobs.scope")}>
      {[false, true].map((all) => (
        <button
          key={String(all)}
          type="button"
          className={styles["state"]}
          aria-pressed={all === everybody}
          onClick={() => {
            onEverybody(all);
          }}
        >
          {t(all ? "jobs.scope.all" : "jobs.scope.own")}
        </button>
      ))}
    </div>
  );
}

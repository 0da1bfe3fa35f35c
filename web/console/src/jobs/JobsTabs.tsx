/** The room's two views. */

import { Layers, ListChecks } from "lucide-react";
import { NavLink } from "react-router";
import { useT } from "../i18n";
import { JOBS, QUEUES } from "./lists";
import styles from "./tabs.module.css";

export function JobsTabs({ everybody }: { everybody: boolean }) {
  const t = useT();
  const scope = everybody ? "?scope=all" : "";
  return (
    <nav className={styles["tabs"]} aria-label={t("jobs.title")}>
      <NavLink to={JOBS + scope} end>
        <ListChecks size={15} aria-hidden />
        {t("jobs.tab.list")}
      </NavLink>
      <NavLink to={QUEUES + scope}>
        <Layers size={15} aria-hidden />
        {t("jobs.tab.queues")}
      </NavLink>
    </nav>
  );
}

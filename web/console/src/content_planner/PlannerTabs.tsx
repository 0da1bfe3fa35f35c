/** The planner's two rooms, and the way to launch. */

import { CalendarDays, Plus, Rows3 } from "lucide-react";
import { NavLink } from "react-router";
import { Button } from "../design";
import { useT } from "../i18n";
import { paths } from "./paths";
import styles from "./planner.module.css";

export function PlannerTabs() {
  const t = useT();
  return (
    <nav className={styles.rooms} aria-label={t("planner.title")}>
      <NavLink to={paths.campaigns} end>
        <Rows3 size={15} aria-hidden />
        {t("planner.campaigns")}
      </NavLink>
      <NavLink to={paths.calendar()}>
        <CalendarDays size={15} aria-hidden />
        {t("planner.calendar")}
      </NavLink>
    </nav>
  );
}

export function LaunchButton({ onClick }: { onClick: () => void }) {
  const t = useT();
  return (
    <Button variant="primary" icon={<Plus size={15} aria-hidden />} onClick={onClick}>
      {t("planner.launch")}
    </Button>
  );
}

/** The rooms that exist. What is not built has no door. */

import { Activity, CalendarDays, House, ListChecks, Settings } from "lucide-react";
import type { ReactNode } from "react";
import type { Key } from "../i18n";

export interface Room {
  id: string;
  path: string;
  name: Key;
  icon: ReactNode;
  /** Needs this of the plan; the room stays visible and explains itself. */
  feature?: string;
}

export const ROOMS: readonly Room[] = [
  { id: "home", path: "/", name: "nav.home", icon: <House /> },
  { id: "planner", path: "/planner", name: "nav.planner", icon: <CalendarDays />, feature: "ai_content_generation" },
  { id: "jobs", path: "/jobs", name: "nav.jobs", icon: <ListChecks /> },
  { id: "status", path: "/status", name: "nav.status", icon: <Activity /> },
  { id: "settings", path: "/settings", name: "nav.settings", icon: <Settings /> },
];

/** The columns of the list of campaigns. */

import type { CampaignRow } from "../api/types";
import type { Column } from "../design";
import { Progress, RelativeTime, StateBadge } from "../design";
import { useT } from "../i18n";
import type { Format, Translate } from "../i18n";
import { PlatformRow } from "./PlatformIcon";
import { isMaking } from "./apply";
import styles from "./planner.module.css";
import { stepOf } from "./step";

export function columnsOf(t: Translate, format: Format): Column<CampaignRow>[] {
  return [
    {
      id: "campaign",
      header: t("planner.filter.month"),
      cell: (row) => (
        <span className={styles.name}>
          {format.month(row.month)}
          <small>{row.themes.join(" · ")}</small>
        </span>
      ),
    },
    { id: "status", header: t("planner.filter.status"), cell: (row) => <StateBadge kind="campaign" state={row.status} /> },
    { id: "how", header: t("planner.campaign.pieces"), drop: "mid", cell: (row) => <How row={row} /> },
    {
      id: "platforms",
      header: t("planner.campaign.platforms"),
      drop: "late",
      cell: (row) => <PlatformRow platforms={row.target_platforms} />,
    },
    {
      id: "launched",
      header: t("planner.row.launched_header"),
      drop: "mid",
      align: "end",
      cell: (row) => (
        <span className={styles.quiet}>
          <RelativeTime when={row.created_at} />
        </span>
      ),
    },
  ];
}

function How({ row }: { row: CampaignRow }) {
  const t = useT();
  const pieces = t("planner.row.pieces", { n: row.pieces_ready });
  if (!isMaking(row.status)) return <span className={styles.quiet}>{pieces}</span>;
  const step = stepOf(row);
  return (
    <span className={styles.how}>
      {t(step.key, "n" in step ? { n: step.n } : {})}
      <Progress quiet value={row.progress} label={pieces} />
    </span>
  );
}

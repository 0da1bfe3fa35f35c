import { Link } from "react-router";
import type { CampaignRow } from "../api/types";
import { Badge, Card, Progress } from "../design";
import { paths } from "../content_planner/paths";
import { PIECES, stepOf } from "../content_planner/step";
import { useFormat, useT } from "../i18n";
import styles from "./home.module.css";

/** Campaigns on their way, each with its step by name. */
export function Making({ campaigns }: { campaigns: readonly CampaignRow[] }) {
  const t = useT();
  const format = useFormat();
  return (
    <Card title={t("home.making")} actions={campaigns.length > 0 && <Badge tone="blue">{campaigns.length}</Badge>} bare>
      {campaigns.length === 0 && <p className={styles["none"]}>{t("home.making.none")}</p>}
      <ul>
        {campaigns.map((campaign) => {
          const step = stepOf(campaign);
          return (
            <li key={campaign.id} className={styles["item"]}>
              <div className={styles["itemHead"]}>
                <Link className={styles["open"]} to={paths.campaign(campaign.id)}>
                  {format.month(campaign.month)}
                </Link>
                <span className={styles["theme"]}>{campaign.themes.join(" · ")}</span>
              </div>
              <Progress
                value={campaign.progress}
                label={t(step.key, "n" in step ? { n: Math.min(step.n, PIECES) } : {})}
                aside={t("planner.row.pieces", { n: campaign.pieces_ready })}
              />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

import { ArrowRight } from "lucide-react";
import { Link } from "react-router";
import type { CampaignRow } from "../api/types";
import { Badge, Card, StateBadge } from "../design";
import { paths } from "../content_planner/paths";
import { useFormat, useT } from "../i18n";
import styles from "./home.module.css";

/** Campaigns that go no further without the client. */
export function Waiting({ campaigns }: { campaigns: readonly CampaignRow[] }) {
  const t = useT();
  const format = useFormat();
  return (
    <Card title={t("home.waiting")} actions={campaigns.length > 0 && <Badge tone="amber">{campaigns.length}</Badge>} bare>
      {campaigns.length === 0 && <p className={styles["none"]}>{t("home.waiting.none")}</p>}
      <ul>
        {campaigns.map((campaign) => (
          <li key={campaign.id} className={styles["item"]}>
            <div className={styles["itemHead"]}>
              <Link className={styles["open"]} to={paths.campaign(campaign.id)}>
                {format.month(campaign.month)}
              </Link>
              <span className={styles["theme"]}>{campaign.themes.join(" · ")}</span>
              <StateBadge kind="campaign" state={campaign.status} />
              <ArrowRight className={styles["arrow"]} aria-hidden="true" />
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

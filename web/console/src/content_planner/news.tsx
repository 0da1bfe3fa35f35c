/** A notice when a campaign got ready or failed while its client was looking at something else. */

import { Link } from "react-router";
import type { CampaignRow } from "../api/types";
import { toast } from "../design/toast";
import { useFormat, useT } from "../i18n";
import { onArrival } from "../realtime/events";
import { paths } from "./paths";

/** Where the campaign itself is on screen and changes in place. */
function isInSight(id: string): boolean {
  return ["/", paths.campaigns, paths.campaign(id)].includes(window.location.pathname);
}

function Text({ row }: { row: CampaignRow }) {
  const t = useT();
  const format = useFormat();
  const month = format.month(row.month);
  return row.status === "failed" ? `${month}: ${row.error?.detail ?? ""}` : t("planner.toast.ready.text", { month });
}

function Title({ status }: { status: string }) {
  const t = useT();
  return t(status === "failed" ? "planner.toast.failed.title" : "planner.toast.ready.title");
}

function Open({ row }: { row: CampaignRow }) {
  const t = useT();
  return <Link to={paths.campaign(row.id)}>{t("planner.calendar.open")}</Link>;
}

function tell(data: unknown): void {
  const row = data as CampaignRow;
  if (isInSight(row.id)) return;
  toast({
    id: `campaign-${row.id}`,
    tone: row.status === "failed" ? "red" : "green",
    title: <Title status={row.status} />,
    text: <Text row={row} />,
    action: <Open row={row} />,
  });
}

onArrival("campaign.review_ready", ({ data }) => {
  tell(data);
});
onArrival("campaign.failed", ({ data }) => {
  tell(data);
});

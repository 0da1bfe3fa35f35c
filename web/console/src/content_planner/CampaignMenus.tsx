/** Files of a campaign, and giving it up. */

import { Ban, CalendarPlus, Download, Ellipsis, FileSpreadsheet, FileText } from "lucide-react";
import { useState } from "react";
import { api, isProblem } from "../api/client";
import type { Campaign } from "../api/types";
import { Button, IconButton, Menu, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { campaignKey } from "./keys";

const FILES = [
  { format: "csv", icon: <FileSpreadsheet /> },
  { format: "ics", icon: <CalendarPlus /> },
  { format: "md", icon: <FileText /> },
] as const;
const ENDED = ["completed", "failed", "cancelled"];

export function CampaignMenus({ campaign, onCancel }: { campaign: Campaign; onCancel: () => void }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const save = async (format: (typeof FILES)[number]["format"]) => {
    setBusy(true);
    try {
      await api.download(`${campaignKey(campaign.id)}/export?format=${format}`, `bai-${campaign.month}.${format}`);
    } catch (error) {
      if (!isProblem(error)) throw error;
      toast({ tone: "red", title: t("planner.export.failed"), text: explain(error).text });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {campaign.pieces.length > 0 ? (
        <Menu
          trigger={
            <Button busy={busy} icon={<Download size={15} aria-hidden />}>
              {t("planner.export.label")}
            </Button>
          }
          entries={FILES.map(({ format, icon }) => ({
            id: format,
            label: t(`planner.export.${format}`),
            icon,
            onSelect: () => void save(format),
          }))}
        />
      ) : null}
      {ENDED.includes(campaign.status) ? null : (
        <Menu
          trigger={<IconButton variant="secondary" label={t("planner.more")} icon={<Ellipsis />} />}
          entries={[{ id: "cancel", label: t("planner.cancel.action"), icon: <Ban />, danger: true, onSelect: onCancel }]}
        />
      )}
    </>
  );
}

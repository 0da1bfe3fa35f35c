/** One campaign: watched while it is made, then reviewed piece by piece. */

import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import useSWR from "swr";
import type { Campaign } from "../api/types";
import { ConfirmDialog, ErrorState, Loading, Page, Skeleton, StateBadge, useExplain } from "../design";
import { useFormat, useLanguage, useT } from "../i18n";
import { Brief, EngineMark } from "./Brief";
import { CampaignMenus } from "./CampaignMenus";
import { ChangesDialog } from "./ChangesDialog";
import { PieceCards } from "./PieceCards";
import { PiecePanel } from "./PiecePanel";
import { ReviewBar } from "./ReviewBar";
import { Tracker } from "./Tracker";
import { Violations } from "./Violations";
import { isMaking } from "./apply";
import styles from "./campaign.module.css";
import { campaignKey } from "./keys";
import { inSentence } from "./names";
import { paths } from "./paths";
import cards from "./piece_card.module.css";
import { acts, useActing } from "./use_acts";

export default function CampaignPage() {
  const t = useT();
  const { campaignId = "" } = useParams();
  const { data, error, mutate } = useSWR<Campaign, unknown>(campaignKey(campaignId));
  const back = { to: paths.campaigns, label: t("planner.campaign.back") };
  if (data) return <Shown campaign={data} back={back} />;
  return (
    <Page title={t("planner.title")} back={back}>
      {error ? <ErrorState problem={error} retry={() => void mutate()} /> : <Waiting />}
    </Page>
  );
}

function Waiting() {
  return (
    <Loading>
      <Skeleton height={104} radius={10} />
      <div className={cards.grid} style={{ marginTop: 16 }}>
        {[1, 2, 3, 4, 5].map((place) => (
          <Skeleton key={place} height={214} radius={10} />
        ))}
      </div>
    </Loading>
  );
}

function Shown({ campaign, back }: { campaign: Campaign; back: { to: string; label: string } }) {
  const t = useT();
  const format = useFormat();
  const [language] = useLanguage();
  const [query, setQuery] = useSearchParams();
  const [asking, setAsking] = useState<"changes" | "cancel" | null>(null);
  const acting = useActing();
  const explain = useExplain();
  const making = isMaking(campaign.status);
  const piece = campaign.pieces.find(({ id }) => id === query.get("piece"));
  const open = (id: string | null) => {
    setQuery(id ? { piece: id } : {}, { replace: true, preventScrollReset: true });
  };
  const close = () => {
    setAsking(null);
  };
  const title = t("planner.campaign.title", { month: inSentence(format.month(campaign.month), language) });
  const refused = acting.problem && acting.problem.code !== "platform_rules_violated" ? explain(acting.problem) : null;
  return (
    <Page
      name={title}
      back={back}
      title={
        <span className={styles.title}>
          {title} <StateBadge kind="campaign" state={campaign.status} />
        </span>
      }
      actions={
        <CampaignMenus
          campaign={campaign}
          onCancel={() => {
            setAsking("cancel");
          }}
        />
      }
    >
      {making ? (
        <Tracker
          campaign={campaign}
          onCancel={() => {
            setAsking("cancel");
          }}
        />
      ) : (
        <ReviewBar
          campaign={campaign}
          acting={acting}
          acts={{
            approve: () => void acting.run("approve", () => acts.approveCampaign(campaign.id)),
            askForChanges: () => {
              setAsking("changes");
            },
            retry: () => void acting.run("retry", () => acts.retryJob(campaign.job_id ?? "")),
          }}
        />
      )}
      {refused ? (
        <p className={styles.refused} role="alert">
          <b>{refused.title}</b> {refused.text}
        </p>
      ) : null}
      {acting.problem?.code === "platform_rules_violated" ? <Violations campaign={campaign} onOpen={open} /> : null}
      <PieceCards campaign={campaign} onOpen={open} />
      <EngineMark engine={campaign.engine} />
      <Brief campaign={campaign} />
      {piece ? (
        <PiecePanel
          key={piece.id}
          campaign={campaign}
          piece={piece}
          onOpen={open}
          onClose={() => {
            open(null);
          }}
        />
      ) : null}
      {asking === "changes" ? <ChangesDialog campaign={campaign} onClose={close} /> : null}
      <ConfirmDialog
        open={asking === "cancel"}
        title={t("planner.cancel.title")}
        text={t(making ? "planner.cancel.making" : "planner.cancel.made")}
        confirmLabel={t("planner.cancel.yes")}
        busy={acting.busy === "cancel"}
        onClose={close}
        onConfirm={() => void acting.run("cancel", () => acts.cancelCampaign(campaign.id)).then(close)}
      />
    </Page>
  );
}

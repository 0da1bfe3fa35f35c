/** Where the campaign stands once it is no longer being made, and what the client can do about it. */

import { CalendarDays, Check, MessageSquareText, RotateCcw } from "lucide-react";
import type { Campaign } from "../api/types";
import { Button, ButtonLink } from "../design";
import { useT } from "../i18n";
import { Reason } from "../jobs/Reason";
import type { Acting } from "./use_acts";
import { paths } from "./paths";
import styles from "./review_bar.module.css";
import { PIECES } from "./step";

export interface ReviewActs {
  approve: () => void;
  askForChanges: () => void;
  retry: () => void;
}

export function ReviewBar({ campaign, acting, acts }: { campaign: Campaign; acting: Acting; acts: ReviewActs }) {
  switch (campaign.status) {
    case "review_ready":
    case "changes_requested":
      return <InReview campaign={campaign} acting={acting} acts={acts} />;
    case "approved":
    case "completed":
      return <Approved campaign={campaign} acts={acts} />;
    case "failed":
      return <Failed campaign={campaign} acting={acting} acts={acts} />;
    case "cancelled":
      return <Cancelled campaign={campaign} />;
    default:
      return null;
  }
}

function InReview({ campaign, acting, acts }: { campaign: Campaign; acting: Acting; acts: ReviewActs }) {
  const t = useT();
  const approved = campaign.pieces.filter((piece) => piece.status === "approved").length;
  const regenerating = campaign.pieces.some((piece) => piece.status === "regenerating");
  const asked = campaign.status === "changes_requested";
  return (
    <section className={styles.bar} data-tone={asked ? "warning" : "accent"}>
      <div className={styles.words}>
        <h2>{t(asked ? "planner.review.asked" : "planner.review.title")}</h2>
        {asked && campaign.review_comment ? (
          <blockquote>{campaign.review_comment}</blockquote>
        ) : (
          <p>{t("planner.review.text")}</p>
        )}
        {approved > 0 ? (
          <p className={styles.count}>
            <Dots done={approved} />
            {t("planner.review.approved_n", { n: approved })}
          </p>
        ) : null}
      </div>
      <div className={styles.buttons}>
        <Button icon={<MessageSquareText size={15} aria-hidden />} onClick={acts.askForChanges}>
          {t("planner.review.ask")}
        </Button>
        <Button
          variant="primary"
          icon={<Check size={15} aria-hidden />}
          busy={acting.busy === "approve"}
          disabled={regenerating}
          onClick={acts.approve}
        >
          {t("planner.review.approve_all")}
        </Button>
      </div>
    </section>
  );
}

function Dots({ done }: { done: number }) {
  return (
    <span className={styles.dots} aria-hidden>
      {Array.from({ length: PIECES }, (_, index) => (
        <i key={index} data-done={index < done || undefined} />
      ))}
    </span>
  );
}

function Approved({ campaign, acts }: { campaign: Campaign; acts: ReviewActs }) {
  const t = useT();
  const over = campaign.status === "completed";
  return (
    <section className={styles.bar} data-tone="success">
      <div className={styles.words}>
        <h2>{t(over ? "planner.review.completed.title" : "planner.review.done.title")}</h2>
        <p>{t(over ? "planner.review.completed.text" : "planner.review.done.text")}</p>
      </div>
      <div className={styles.buttons}>
        {over ? null : (
          <Button variant="ghost" onClick={acts.askForChanges}>
            {t("planner.review.ask")}
          </Button>
        )}
        <ButtonLink to={paths.calendar(campaign.month)} icon={<CalendarDays size={15} aria-hidden />}>
          {t("planner.review.see_calendar")}
        </ButtonLink>
      </div>
    </section>
  );
}

function Failed({ campaign, acting, acts }: { campaign: Campaign; acting: Acting; acts: ReviewActs }) {
  const t = useT();
  return (
    <section className={styles.bar} data-tone="danger" role="alert">
      <div className={styles.words}>
        <h2>{t("planner.failed.title")}</h2>
        <Reason failure={campaign.error} />
        {campaign.pieces.length > 0 ? <p className={styles.code}>{t("planner.failed.kept")}</p> : null}
      </div>
      <div className={styles.buttons}>
        {campaign.job_id ? (
          <ButtonLink variant="ghost" to={paths.job(campaign.job_id)}>
            {t("planner.campaign.job")}
          </ButtonLink>
        ) : null}
        <Button
          variant="primary"
          icon={<RotateCcw size={15} aria-hidden />}
          busy={acting.busy === "retry"}
          onClick={acts.retry}
        >
          {t("planner.failed.retry")}
        </Button>
      </div>
    </section>
  );
}

function Cancelled({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const late = campaign.error?.code === "not_reviewed";
  return (
    <section className={styles.bar}>
      <div className={styles.words}>
        <h2>{t("planner.cancelled.title")}</h2>
        <p>{t(late ? "planner.cancelled.not_reviewed" : "planner.cancelled.text")}</p>
      </div>
    </section>
  );
}

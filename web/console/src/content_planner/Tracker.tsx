/** A campaign being made: the step by name, how far it is, about how long it still takes. */

import { useEffect, useRef, useState } from "react";
import type { Campaign } from "../api/types";
import { Button, Progress } from "../design";
import { useFormat, useT } from "../i18n";
import { PIECES, secondsLeft, stepOf } from "./step";
import styles from "./tracker.module.css";

function useSecondsLeft(campaign: Campaign): number | null {
  const [now, setNow] = useState(() => Date.now());
  const last = useRef({ ready: campaign.pieces_ready, at: now });
  useEffect(() => {
    last.current = { ready: campaign.pieces_ready, at: Date.now() };
    setNow(Date.now());
  }, [campaign.pieces_ready]);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return campaign.status === "in_progress"
    ? secondsLeft(campaign.started_at, last.current.ready, last.current.at, now)
    : null;
}

export function Tracker({ campaign, onCancel }: { campaign: Campaign; onCancel: () => void }) {
  const t = useT();
  const format = useFormat();
  const step = stepOf(campaign);
  const left = useSecondsLeft(campaign);
  const waiting = campaign.status === "waiting_callback";
  const when = format.dateTime(campaign.deadline_at);
  return (
    <section className={styles.tracker} aria-label={t("planner.track.title")}>
      <div className={styles.top}>
        <div className={styles.words}>
          <h2>{t("planner.track.title")}</h2>
          <p>{waiting ? t("planner.track.waiting", { when }) : t("planner.track.text")}</p>
        </div>
        <Button variant="ghost" onClick={onCancel} disabled={step.key === "planner.step.stopping"}>
          {t("planner.track.cancel")}
        </Button>
      </div>
      <Progress quiet value={campaign.progress} label={t("planner.track.progress")} />
      <div className={styles.bottom}>
        <span role="status">{t(step.key, "n" in step ? { n: Math.min(step.n, PIECES) } : {})}</span>
        <span className={styles.left}>
          {left === null
            ? t("planner.row.pieces", { n: campaign.pieces_ready })
            : left < 90
              ? t("planner.track.left_s", { n: left })
              : t("planner.track.left_min", { n: Math.round(left / 60) })}
        </span>
      </div>
    </section>
  );
}

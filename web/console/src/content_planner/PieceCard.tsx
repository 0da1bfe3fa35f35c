/** One of the five places of a campaign: skeleton, being written, or the piece itself. */

import { Check, CircleAlert, Clapperboard, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Piece } from "../api/types";
import { Badge, Skeleton } from "../design";
import { useFormat, useT } from "../i18n";
import { findingsOf } from "./Findings";
import { PlatformIcon } from "./PlatformIcon";
import { pieceName } from "./names";
import { errorsOf } from "./piece_check";
import styles from "./piece_card.module.css";
import { platformOf } from "./platforms";

const TONES = { draft: "grey", regenerating: "blue", changes_requested: "violet", approved: "green" } as const;

/** True for a moment after the piece came or changed under the reader's eyes. */
function useMark(stamp: string, isNew: boolean): boolean {
  const seen = useRef(isNew ? "" : stamp);
  const [marked, setMarked] = useState(isNew);
  useEffect(() => {
    if (seen.current === stamp) return;
    seen.current = stamp;
    setMarked(true);
    const timer = setTimeout(() => {
      setMarked(false);
    }, 1600);
    return () => {
      clearTimeout(timer);
    };
  }, [stamp]);
  return marked;
}

export function PieceCard(props: { piece: Piece; fresh: boolean; onOpen: () => void }) {
  const { piece, fresh, onOpen } = props;
  const t = useT();
  const format = useFormat();
  const changed = useMark(`${String(piece.version)} ${piece.status}`, fresh);
  const broken = errorsOf(findingsOf(piece)).length > 0;
  return (
    <li className={styles.place}>
      <div className={styles.card} data-status={piece.status} data-marked={changed || undefined}>
        <div className={styles.head}>
          <PlatformIcon platform={piece.platform} size={22} />
          {/* Reaches over the whole card. */}
          <button type="button" className={styles.open} data-piece={piece.id} onClick={onOpen}>
            <b>{pieceName(t, piece)}</b> <small>{platformOf(piece.platform).name}</small>
          </button>
          {piece.kind === "reel" ? <Clapperboard size={16} aria-hidden className={styles.kind} /> : null}
        </div>
        <span className={styles.text}>{piece.text}</span>
        <span className={styles.tags}>{piece.hashtags.join(" ")}</span>
        <span className={styles.foot}>
          <span className={styles.when}>
            {format.day(piece.scheduled_for)} · {format.time(piece.scheduled_for)}
          </span>
          <Badge tone={broken ? "red" : TONES[piece.status]} icon={<StatusIcon piece={piece} broken={broken} />}>
            {t(broken ? "planner.piece.status.broken" : `planner.piece.status.${piece.status}`)}
          </Badge>
        </span>
      </div>
    </li>
  );
}

function StatusIcon({ piece, broken }: { piece: Piece; broken: boolean }) {
  if (piece.status === "regenerating") return <LoaderCircle size={12} aria-hidden className={styles.turning} />;
  if (broken) return <CircleAlert size={12} aria-hidden />;
  return piece.status === "approved" ? <Check size={12} aria-hidden /> : null;
}

/** The place of a piece that is still to come, in the shape it will have. */
export function PiecePlace({ position, writing }: { position: number; writing: boolean }) {
  const t = useT();
  const name = pieceName(t, { kind: position === 5 ? "reel" : "post", position });
  return (
    <li className={styles.place}>
      <div className={styles.card} data-empty data-writing={writing || undefined}>
        <span className={styles.head}>
          <Skeleton width={22} height={22} />
          <span className={styles.names}>
            <b>{name}</b>
            <small>{t(writing ? "planner.piece.writing" : "planner.piece.waiting")}</small>
          </span>
          {writing ? <LoaderCircle size={16} aria-hidden className={styles.turning} /> : null}
        </span>
        <span className={styles.lines} aria-hidden>
          <Skeleton height={10} />
          <Skeleton height={10} width="92%" />
          <Skeleton height={10} width="97%" />
          <Skeleton height={10} width="60%" />
        </span>
        <span className={styles.foot} aria-hidden>
          <Skeleton height={10} width={90} />
        </span>
      </div>
    </li>
  );
}

/** The five places of a campaign, filled as the pieces come. */

import { useRef } from "react";
import type { Campaign } from "../api/types";
import { useT } from "../i18n";
import { PieceCard, PiecePlace } from "./PieceCard";
import { isMaking } from "./apply";
import styles from "./piece_card.module.css";
import { PIECES } from "./step";

export function PieceCards({ campaign, onOpen }: { campaign: Campaign; onOpen: (pieceId: string) => void }) {
  const t = useT();
  const making = isMaking(campaign.status);
  // What was there when the page opened is not news.
  const atFirst = useRef(new Set(campaign.pieces.map((piece) => piece.id)));
  const places = Array.from({ length: PIECES }, (_, index) => index + 1);
  const next = places.find((position) => !campaign.pieces.some((piece) => piece.position === position));
  return (
    <ul className={styles.grid} aria-label={t("planner.campaign.pieces")}>
      {places.map((position) => {
        const piece = campaign.pieces.find((other) => other.position === position);
        if (piece) {
          const open = () => {
            onOpen(piece.id);
          };
          return <PieceCard key={position} piece={piece} fresh={!atFirst.current.has(piece.id)} onOpen={open} />;
        }
        if (!making) return null;
        const writing = position === next && campaign.status === "in_progress";
        return <PiecePlace key={position} position={position} writing={writing} />;
      })}
    </ul>
  );
}

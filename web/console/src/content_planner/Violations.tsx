/** Why an approval was refused, piece by piece, each a way to the piece that is to be mended. */

import type { Campaign } from "../api/types";
import { useT } from "../i18n";
import { Findings, findingsOf } from "./Findings";
import { PlatformIcon } from "./PlatformIcon";
import { openLabel, pieceName } from "./names";
import { errorsOf } from "./piece_check";
import styles from "./review_bar.module.css";

export function Violations({ campaign, onOpen }: { campaign: Campaign; onOpen: (pieceId: string) => void }) {
  const t = useT();
  const broken = campaign.pieces
    .map((piece) => ({ piece, errors: errorsOf(findingsOf(piece)) }))
    .filter(({ errors }) => errors.length > 0);
  if (broken.length === 0) return null;
  return (
    <section className={styles.violations} role="alert">
      <h3>{t("planner.review.broken.title")}</h3>
      <p>{t("planner.review.broken.text")}</p>
      <ul>
        {broken.map(({ piece, errors }) => (
          <li key={piece.id}>
            <button
              type="button"
              aria-label={openLabel(t, piece)}
              onClick={() => {
                onOpen(piece.id);
              }}
            >
              <PlatformIcon platform={piece.platform} size={16} />
              {pieceName(t, piece)}
            </button>
            <Findings findings={errors} />
          </li>
        ))}
      </ul>
    </section>
  );
}

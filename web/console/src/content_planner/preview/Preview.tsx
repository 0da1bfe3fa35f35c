/** A piece as its platform may show it: the frame people know, drawn simply, with the client's own words. */

import { useT } from "../../i18n";
import { platformOf } from "../platforms";
import { FeedPost } from "./FeedPost";
import { PinPost } from "./PinPost";
import { VerticalVideo } from "./VerticalVideo";
import { WatchPage } from "./WatchPage";
import styles from "./preview.module.css";
import type { Previewed } from "./previewed";

export function Preview({ piece }: { piece: Previewed }) {
  const t = useT();
  const { name } = platformOf(piece.platform);
  return (
    <figure className={styles.figure}>
      <div className={styles.stage} data-platform={piece.platform}>
        <Frame piece={piece} />
      </div>
      <figcaption className={styles.note}>{t("planner.preview.like", { name })}</figcaption>
    </figure>
  );
}

function Frame({ piece }: { piece: Previewed }) {
  if (piece.kind === "reel" || piece.platform === "tiktok") return <VerticalVideo piece={piece} />;
  if (piece.platform === "youtube") return <WatchPage piece={piece} />;
  if (piece.platform === "pinterest") return <PinPost piece={piece} />;
  return <FeedPost piece={piece} />;
}

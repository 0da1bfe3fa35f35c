/** YouTube: the player, a first line that stands as title, the channel, the description. */

import { Avatar, Picture, Words } from "./parts";
import styles from "./preview.module.css";
import type { Previewed } from "./previewed";
import wide from "./wide.module.css";

export function WatchPage({ piece }: { piece: Previewed }) {
  const [title = "", ...rest] = piece.text.trim().split("\n");
  const description = [rest.join("\n").trim(), piece.hashtags.join(" ")].filter(Boolean).join("\n\n");
  return (
    <div className={styles.card}>
      <Picture piece={piece} ratio="16:9" video />
      <div className={wide.watch}>
        <b className={wide.watchTitle}>{title}</b>
        <span className={wide.channel}>
          <Avatar author={piece.author} size={32} />
          <b>{piece.author}</b>
        </span>
        <div className={wide.description}>
          <small>{piece.when}</small>
          <div className={styles.copy}>
            <Words text={description} />
          </div>
        </div>
      </div>
    </div>
  );
}

/** Pinterest: a tall picture with rounded corners, and the words under it. */

import { Share, Ellipsis, Heart } from "lucide-react";
import { Avatar, Copy, Picture } from "./parts";
import styles from "./preview.module.css";
import type { Previewed } from "./previewed";
import wide from "./wide.module.css";

export function PinPost({ piece }: { piece: Previewed }) {
  return (
    <div className={`${styles.card} ${wide.pin}`}>
      <Picture piece={piece} ratio="2:3" />
      <div className={wide.pinBar} aria-hidden>
        <Heart size={18} />
        <Share size={18} />
        <Ellipsis size={18} />
      </div>
      <span className={wide.channel}>
        <Avatar author={piece.author} size={28} />
        <b>{piece.author}</b>
      </span>
      <Copy piece={piece} />
    </div>
  );
}

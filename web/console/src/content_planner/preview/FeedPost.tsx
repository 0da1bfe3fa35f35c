/** Instagram, Facebook, LinkedIn, X and Threads: an author, words, a picture and the row of what one can do. */

import {
  BarChart2,
  Bookmark,
  Ellipsis,
  Globe,
  Heart,
  MessageCircle,
  MessageSquare,
  Repeat2,
  Send,
  Share,
  Share2,
  ThumbsUp,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import rules from "../../../../../functions/content_planner/platform_rules.json";
import { Avatar, Copy, Picture } from "./parts";
import styles from "./preview.module.css";
import { handleOf } from "./previewed";
import type { Previewed } from "./previewed";

const ACTIONS: Record<string, { icon: LucideIcon; word?: string }[]> = {
  instagram: [{ icon: Heart }, { icon: MessageCircle }, { icon: Send }, { icon: Bookmark }],
  facebook: [
    { icon: ThumbsUp, word: "Like" },
    { icon: MessageSquare, word: "Comment" },
    { icon: Share2, word: "Share" },
  ],
  linkedin: [
    { icon: ThumbsUp, word: "Like" },
    { icon: MessageSquare, word: "Comment" },
    { icon: Repeat2, word: "Repost" },
    { icon: Send, word: "Send" },
  ],
  x: [{ icon: MessageCircle }, { icon: Repeat2 }, { icon: Heart }, { icon: BarChart2 }, { icon: Share }],
  threads: [{ icon: Heart }, { icon: MessageCircle }, { icon: Repeat2 }, { icon: Send }],
};

export function FeedPost({ piece }: { piece: Previewed }) {
  const ratio = rules.platforms.find(({ id }) => id === piece.platform)?.post_media.aspect_ratio ?? "1:1";
  const beside = piece.platform === "x" || piece.platform === "threads";
  if (beside) {
    return (
      <div className={`${styles.card} ${styles.beside}`}>
        <div className={styles.gutter}>
          <Avatar author={piece.author} size={38} />
          {piece.platform === "threads" ? <span className={styles.thread} /> : null}
        </div>
        <div className={styles.column}>
          <Byline piece={piece} />
          <Copy piece={piece} />
          <Picture piece={piece} ratio={ratio} />
          <Actions platform={piece.platform} />
        </div>
      </div>
    );
  }
  const pictureFirst = piece.platform === "instagram";
  return (
    <div className={styles.card}>
      <Heading piece={piece} />
      {pictureFirst ? null : <Copy piece={piece} />}
      <Picture piece={piece} ratio={ratio} />
      <Actions platform={piece.platform} />
      {pictureFirst ? <Copy piece={piece} lead={handleOf(piece.author)} /> : null}
    </div>
  );
}

function Heading({ piece }: { piece: Previewed }) {
  const instagram = piece.platform === "instagram";
  return (
    <div className={styles.heading}>
      <span className={instagram ? styles.ring : undefined}>
        <Avatar author={piece.author} size={instagram ? 30 : 40} />
      </span>
      <span className={styles.who}>
        <b>{instagram ? handleOf(piece.author) : piece.author}</b>
        {instagram ? null : (
          <small>
            {piece.when} · <Globe size={11} aria-hidden />
          </small>
        )}
      </span>
      <Ellipsis size={18} aria-hidden />
    </div>
  );
}

function Byline({ piece }: { piece: Previewed }) {
  const handle = handleOf(piece.author);
  return (
    <div className={styles.byline}>
      <b>{piece.platform === "x" ? piece.author : handle}</b>
      <small>{piece.platform === "x" ? `@${handle.replace(/\./g, "_")} · ${piece.when}` : piece.when}</small>
    </div>
  );
}

function Actions({ platform }: { platform: string }) {
  return (
    <div className={styles.actions} aria-hidden>
      {(ACTIONS[platform] ?? []).map(({ icon: Icon, word }, index) => (
        <span key={index}>
          <Icon size={platform === "x" ? 16 : 20} strokeWidth={1.8} />
          {word}
        </span>
      ))}
    </div>
  );
}

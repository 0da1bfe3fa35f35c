/** What several frames share: the author's mark, the words with their hashtags, the place of the picture. */

import { Image as ImageIcon, Play } from "lucide-react";
import { useT } from "../../i18n";
import styles from "./preview.module.css";
import { initialsOf, seedOf } from "./previewed";
import type { Previewed } from "./previewed";

export function Avatar({ author, size = 36 }: { author: string; size?: number }) {
  return (
    <span className={styles.avatar} style={{ width: size, height: size, fontSize: size * 0.38 }} aria-hidden>
      {initialsOf(author)}
    </span>
  );
}

const TOKENS = /([#＃@][\p{L}\p{M}\p{N}_.]+|https?:\/\/\S+)/gu;

/** Hashtags, mentions and links in the platform's link colour. */
export function Words({ text }: { text: string }) {
  return (
    <>
      {text.split(TOKENS).map((part, index) =>
        index % 2 ? (
          <span key={index} className={styles.link}>
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </>
  );
}

export function Copy({ piece, lead }: { piece: Previewed; lead?: string }) {
  const tags = piece.hashtags.join(" ");
  return (
    <div className={styles.copy}>
      {lead ? <b className={styles.lead}>{lead} </b> : null}
      <Words text={piece.text.trim()} />
      {tags ? (
        <>
          {"\n\n"}
          <Words text={tags} />
        </>
      ) : null}
    </div>
  );
}

/** The picture does not exist yet: a drawn ground in the piece's own colours, with what it is to show. */
export function Picture({ piece, ratio, video = false }: { piece: Previewed; ratio: string; video?: boolean }) {
  const t = useT();
  const seed = seedOf(piece.id);
  const hue = seed % 360;
  const Icon = video ? Play : ImageIcon;
  return (
    <div className={styles.picture} style={{ aspectRatio: ratio.replace(":", " / ") }}>
      <svg className={styles.art} viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice" aria-hidden>
        <rect width="100" height="100" fill={`hsl(${hue} 34% 30%)`} />
        <circle cx={20 + (seed % 60)} cy={18 + (seed % 40)} r="34" fill={`hsl(${(hue + 28) % 360} 42% 42%)`} opacity=".75" />
        <circle cx={80 - (seed % 50)} cy={92 - (seed % 30)} r="42" fill={`hsl(${(hue + 330) % 360} 38% 24%)`} opacity=".8" />
      </svg>
      <div className={styles.brief}>
        <span className={styles.briefKind}>
          <Icon size={14} aria-hidden />
          {t(video ? "planner.preview.video" : "planner.preview.picture")}
        </span>
        {piece.media_brief ? <span className={styles.briefText}>{piece.media_brief}</span> : null}
      </div>
    </div>
  );
}

/** A video that fills the phone: reels on every platform, and TikTok's own posts. Its hook stands on the picture. */

import { Heart, MessageCircle, Music2, Send } from "lucide-react";
import { PlatformIcon } from "../PlatformIcon";
import { Avatar, Words } from "./parts";
import styles from "./phone.module.css";
import { handleOf, seedOf } from "./previewed";
import type { Previewed } from "./previewed";

export function VerticalVideo({ piece }: { piece: Previewed }) {
  const hue = seedOf(piece.id) % 360;
  const caption = piece.script?.caption ?? piece.text;
  const shots = piece.script?.shots ?? [];
  const seconds = shots.reduce((sum, shot) => sum + shot.seconds, 0);
  const ground = `linear-gradient(165deg, hsl(${hue} 32% 30%), hsl(${(hue + 40) % 360} 40% 16%) 70%, #0b0b0f)`;
  return (
    <div className={styles.phone} style={{ background: ground }}>
      <div className={styles.phoneTop}>
        <PlatformIcon platform={piece.platform} size={22} />
        {seconds ? <span className={styles.length}>0:{String(Math.min(seconds, 59)).padStart(2, "0")}</span> : null}
      </div>
      <p className={styles.hook}>{piece.script?.hook ?? piece.media_brief}</p>
      <div className={styles.rail} aria-hidden>
        <Heart size={24} />
        <MessageCircle size={24} />
        <Send size={22} />
      </div>
      <div className={styles.phoneFoot}>
        <span className={styles.phoneAuthor}>
          <Avatar author={piece.author} size={26} />
          <b>@{handleOf(piece.author)}</b>
        </span>
        <p className={styles.phoneCaption}>
          <Words text={[caption.trim(), piece.hashtags.join(" ")].filter(Boolean).join("\n")} />
        </p>
        <span className={styles.sound} aria-hidden>
          <Music2 size={12} />
          <i />
        </span>
        {shots.length ? <Shots seconds={shots.map((shot) => shot.seconds)} /> : null}
      </div>
    </div>
  );
}

/** The shots as lengths of one bar. */
function Shots({ seconds }: { seconds: number[] }) {
  return (
    <span className={styles.shots} aria-hidden>
      {seconds.map((length, index) => (
        <i key={index} style={{ flexGrow: Math.max(length, 1) }} />
      ))}
    </span>
  );
}

/** Small drawn marks of the platforms; each stands beside or carries the platform's name. */

import type { ReactNode } from "react";
import styles from "./platform_icon.module.css";
import { platformOf } from "./platforms";

const MARKS: Record<string, { ground: string; mark: ReactNode }> = {
  instagram: {
    ground: "#c32f78",
    mark: (
      <g fill="none" stroke="#fff" strokeWidth="1.6">
        <rect x="5" y="5" width="10" height="10" rx="3" />
        <circle cx="10" cy="10" r="2.4" />
        <circle cx="12.9" cy="7.1" r="0.5" fill="#fff" strokeWidth="0.6" />
      </g>
    ),
  },
  facebook: {
    ground: "#1668d6",
    mark: <path d="M10.9 16.5v-5.2h1.9l.4-2.2h-2.3V7.8c0-.8.3-1.2 1.2-1.2h1.2V4.7a9 9 0 0 0-1.7-.2c-1.9 0-3 1.1-3 3.1v1.5H6.8v2.2h1.8v5.2z" fill="#fff" />,
  },
  linkedin: {
    ground: "#0a5fb4",
    mark: (
      <g fill="#fff">
        <rect x="5" y="8.3" width="2.1" height="6.9" />
        <circle cx="6.05" cy="5.9" r="1.25" />
        <path d="M8.6 8.3h2v1c.4-.7 1.1-1.2 2.1-1.2 1.7 0 2.6 1.1 2.6 3v4.1h-2.1v-3.8c0-.9-.4-1.5-1.2-1.5s-1.3.6-1.3 1.5v3.8H8.6z" />
      </g>
    ),
  },
  x: {
    ground: "#16181c",
    mark: <path d="M5.5 5.5l9 9M14.3 5.5l-8.8 9" fill="none" stroke="#fff" strokeWidth="1.9" strokeLinecap="square" />,
  },
  tiktok: {
    ground: "#16181c",
    mark: (
      <g fill="none" strokeWidth="1.9">
        <path d="M11.3 4.5v7.9a2.5 2.5 0 1 1-2.5-2.5M11.3 4.9c.3 2 1.5 3.2 3.4 3.3" stroke="#27d8d3" transform="translate(-.5 -.4)" />
        <path d="M11.3 4.5v7.9a2.5 2.5 0 1 1-2.5-2.5M11.3 4.9c.3 2 1.5 3.2 3.4 3.3" stroke="#fff" />
      </g>
    ),
  },
  threads: {
    ground: "#16181c",
    mark: (
      <path
        d="M14 7.4C13.3 5.5 12 4.6 10 4.6c-3 0-4.6 2.1-4.6 5.4s1.6 5.4 4.6 5.4c2.2 0 4.1-1.2 4.1-3.1 0-2-1.8-2.9-3.9-2.9-1.4 0-2.4.6-2.4 1.6s.9 1.5 1.9 1.5c1.6 0 2.4-1 2.4-2.7 0-1.4-.7-2.1-1.9-2.1-.7 0-1.2.2-1.6.7"
        fill="none"
        stroke="#fff"
        strokeWidth="1.3"
        strokeLinecap="round"
      />
    ),
  },
  youtube: { ground: "#d11a1a", mark: <path d="M8 6.6v6.8l5.6-3.4z" fill="#fff" /> },
  pinterest: {
    ground: "#c00f22",
    mark: (
      <path
        d="M8.4 15.6l1.7-7M7.2 10.9c-1.6-2.6.2-5.6 3.1-5.6 2.2 0 3.7 1.5 3.6 3.6-.1 2.1-1.3 3.5-2.8 3.5-.9 0-1.5-.4-1.7-1"
        fill="none"
        stroke="#fff"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    ),
  },
};

export function PlatformIcon({ platform, size = 20, named = false }: { platform: string; size?: number; named?: boolean }) {
  const drawn = MARKS[platform];
  const { name } = platformOf(platform);
  const role = named ? { role: "img", "aria-label": name } : { "aria-hidden": true };
  return (
    <svg {...role} className={styles.icon} width={size} height={size} viewBox="0 0 20 20">
      <rect width="20" height="20" rx="5" fill={drawn?.ground ?? "#555"} />
      {drawn?.mark}
    </svg>
  );
}

/** Several platforms in a row, named for those who do not see them. */
export function PlatformRow({ platforms, size = 18 }: { platforms: readonly string[]; size?: number }) {
  return (
    <span className={styles.row}>
      {platforms.map((platform) => (
        <PlatformIcon key={platform} platform={platform} size={size} named />
      ))}
    </span>
  );
}

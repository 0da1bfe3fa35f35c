/** The frame around every screen: rail, top bar, the banner when the connection is gone. */

import { LockKeyhole } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Link, NavLink, useLocation } from "react-router";
import { useT } from "../i18n";
import { JobNews } from "../jobs/JobNews";
import { Brand } from "./Brand";
import { Crash } from "./Crash";
import { OfflineBanner } from "./OfflineBanner";
import { ReadOnlyBanner } from "./ReadOnlyBanner";
import type { Room } from "./rooms";
import { ROOMS } from "./rooms";
import { useFeature } from "./session";
import styles from "./shell.module.css";
import { TopBar } from "./TopBar";

export function Frame({ onPalette, children }: { onPalette: () => void; children: ReactNode }) {
  const t = useT();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    window.scrollTo(0, 0);
    // A new screen begins at its start, for those who listen to it as well; not while something lies over it.
    if (!document.querySelector("[role=dialog]")) main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <div className={styles["frame"]}>
      <a className={styles["skip"]} href="#content">
        {t("nav.skip")}
      </a>
      <nav className={styles["rail"]} aria-label={t("nav.label")}>
        <Link className={styles["home"]} to="/" aria-label="B.A.I." tabIndex={-1}>
          <Brand />
        </Link>
        <div className={styles["rooms"]}>
          {ROOMS.map((room) => (
            <Door key={room.id} room={room} />
          ))}
        </div>
      </nav>
      <div>
        <TopBar onPalette={onPalette} />
        <OfflineBanner />
        <ReadOnlyBanner />
      </div>
      <main className={styles["main"]} id="content" tabIndex={-1} ref={main}>
        <Crash key={pathname}>{children}</Crash>
      </main>
      <JobNews />
    </div>
  );
}

function Door({ room }: { room: Room }) {
  const t = useT();
  const { allowed, known } = useFeature(room.feature ?? "");
  const closed = room.feature !== undefined && known && !allowed;
  return (
    <NavLink className={styles["room"]} to={room.path} end={room.path === "/"} title={t(room.name)}>
      {room.icon}
      <span>{t(room.name)}</span>
      {closed && <LockKeyhole className={styles["lock"]} aria-label={t("nav.not_in_plan")} role="img" />}
    </NavLink>
  );
}

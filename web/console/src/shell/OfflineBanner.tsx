import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, useNow } from "../design";
import { useT } from "../i18n";
import { connection } from "../realtime/live_connection";
import { useConnection } from "../realtime/use_connection";
import styles from "./shell.module.css";

const PATIENCE_MS = 1_200;

/** Says that nothing is live, and when it is tried again. A cut that heals at once is not worth a word. */
export function OfflineBanner() {
  const t = useT();
  const { state, retryAt, attempt } = useConnection();
  const broken = state === "offline" || (state === "connecting" && attempt > 0);
  const [shown, setShown] = useState(false);
  const now = useNow(broken ? 500 : null);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setShown(broken);
      },
      broken ? PATIENCE_MS : 0,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [broken]);
  if (!broken || !shown) return null;
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000);
  return (
    <div className={styles["banner"]} data-testid="offline">
      <WifiOff aria-hidden="true" />
      <span>{seconds > 0 ? t("offline.in", { n: seconds }) : t("offline.now")}</span>
      {seconds > 1 && (
        <Button
          size="sm"
          onClick={() => {
            connection.wake();
          }}
        >
          {t("offline.retry")}
        </Button>
      )}
    </div>
  );
}

/** For what is not pushed here, such as other clients' jobs: when it was read, and a button to read it again. */

import { RotateCw } from "lucide-react";
import { useState } from "react";
import { Button, Time } from "../design";
import { useT } from "../i18n";
import styles from "./jobs.module.css";

export function AsOf({ again, text }: { again: () => Promise<unknown>; text?: string }) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const [read, setRead] = useState(() => Date.now());
  return (
    <p className={styles["asOf"]}>
      {text && <span>{text}</span>}
      <span>
        {t("jobs.as_of")} <Time when={read} as="clock" />
      </span>
      <Button
        size="sm"
        variant="ghost"
        busy={busy}
        icon={<RotateCw />}
        onClick={() => {
          setBusy(true);
          void again().finally(() => {
            setRead(Date.now());
            setBusy(false);
          });
        }}
      >
        {t("jobs.refresh")}
      </Button>
    </p>
  );
}

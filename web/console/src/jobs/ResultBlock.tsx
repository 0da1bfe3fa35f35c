/** What a job gave. A large result is kept elsewhere and fetched when asked for. */

import { Download } from "lucide-react";
import { useState } from "react";
import { api } from "../api/client";
import { Button, Card, toast, useExplain } from "../design";
import { useFormat, useT } from "../i18n";
import styles from "./job.module.css";
import { JsonBlock } from "./JsonBlock";
import { JOBS } from "./lists";
import type { JobDetail } from "./shapes";

export function ResultBlock({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  if (job.state !== "succeeded" || job.result === null) return null;
  const bytes = keptElsewhere(job);
  return (
    <Card title={t("job.result")} bare>
      {bytes === null ? (
        <JsonBlock value={job.result} label={t("job.result")} />
      ) : (
        <div className={styles["large"]}>
          <p>{t("job.result.large", { size: format.number(Math.max(1, Math.round(bytes / 1024))) })}</p>
          <Fetch id={job.id} />
        </div>
      )}
    </Card>
  );
}

function keptElsewhere({ id, result }: JobDetail): number | null {
  if (typeof result !== "object" || result === null || !("url" in result) || !("bytes" in result)) return null;
  const { url, bytes } = result;
  return typeof url === "string" && url.endsWith(`${JOBS}/${id}/result`) && typeof bytes === "number" ? bytes : null;
}

function Fetch({ id }: { id: string }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    try {
      // An address of its own for some minutes, because a link could not carry the token.
      const { url } = await api.get<{ url: string }>(`${JOBS}/${id}/result/address`);
      window.open(url, "_blank", "noopener");
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="sm" busy={busy} icon={<Download />} onClick={() => void load()}>
      {t("job.result.download")}
    </Button>
  );
}

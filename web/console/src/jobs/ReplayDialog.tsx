/** For an admin: a new job like this one, with a payload that may be edited. */

import { useState } from "react";
import { useNavigate } from "react-router";
import { api, isProblem } from "../api/client";
import { Button, Dialog, Field, TextArea, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { readPayload } from "./json_text";
import { JOBS } from "./lists";
import { showChanged } from "./live";
import { jobPath } from "./names";
import styles from "./replay.module.css";
import type { ChangedJob, JobDetail } from "./shapes";

export function ReplayDialog({ job, onClose }: { job: JobDetail; onClose: () => void }) {
  const t = useT();
  const explain = useExplain();
  const navigate = useNavigate();
  const [text, setText] = useState(() => JSON.stringify(job.payload, null, 2));
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const read = readPayload(text);
  const wrong = read.fault
    ? t(`replay.fault.${read.fault.kind}`, { line: read.fault.line, column: read.fault.column })
    : refused;

  const send = async (): Promise<void> => {
    setTried(true);
    if (read.fault) return;
    setBusy(true);
    try {
      const { job: made } = await api.post<ChangedJob>(`${JOBS}/${job.id}/replay`, { payload: read.value });
      showChanged(made);
      onClose();
      void navigate(jobPath(made.id));
    } catch (error) {
      if (isProblem(error) && error.status === 422) setRefused(faultsOf(error.byField()) || error.detail);
      else toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t("replay.title")}
      text={t("replay.text")}
      footer={
        <>
          <Button onClick={onClose}>{t("design.keep")}</Button>
          <Button variant="primary" busy={busy} onClick={() => void send()}>
            {t("replay.yes")}
          </Button>
        </>
      }
    >
      <Field label={t("job.payload")} hint={t("replay.hint")} error={tried || refused ? wrong : null}>
        <TextArea
          className={styles["editor"]}
          value={text}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          rows={12}
          onValue={(next) => {
            setText(next);
            setRefused(null);
          }}
          onBlur={() => {
            setTried(true);
          }}
        />
      </Field>
    </Dialog>
  );
}

function faultsOf(byField: Record<string, string>): string {
  return Object.entries(byField)
    .map(([field, fault]) => `${field}: ${fault}`)
    .join(" · ");
}

/** What one may do to a job: cancel it, try it again, look first at what that would mean; replay it as an admin. */

import { Ban, CopyPlus, Ellipsis, RotateCw, ScanSearch } from "lucide-react";
import { useState } from "react";
import { api } from "../api/client";
import { Button, ButtonLink, ConfirmDialog, IconButton, Menu, Tooltip, toast, useExplain } from "../design";
import type { MenuEntry } from "../design";
import { useT } from "../i18n";
import { isFinal } from "./details";
import styles from "./job.module.css";
import { JOBS } from "./lists";
import { showChanged } from "./live";
import { jobPath } from "./names";
import { RedriveDialog } from "./RedriveDialog";
import { ReplayDialog } from "./ReplayDialog";
import { useIsAdmin } from "./ScopeToggle";
import type { ChangedJob, JobDetail } from "./shapes";
import { inDoubt } from "./timeline";

type Asking = "cancel" | "redrive" | "replay" | null;

export function JobActs({ job }: { job: JobDetail }) {
  const [asking, setAsking] = useState<Asking>(null);
  const close = (): void => {
    setAsking(null);
  };
  return (
    <>
      {isFinal(job.state) ? <Ended job={job} onAsk={setAsking} /> : <Open job={job} asking={asking} onAsk={setAsking} />}
      {asking === "redrive" && <RedriveDialog which={{ ids: [job.id] }} onClose={close} />}
      {asking === "replay" && <ReplayDialog job={job} onClose={close} />}
    </>
  );
}

function useAct(job: JobDetail): { busy: boolean; act: (verb: "cancel" | "retry") => Promise<void> } {
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const act = async (verb: "cancel" | "retry"): Promise<void> => {
    setBusy(true);
    try {
      const { job: changed } = await api.post<ChangedJob>(`${JOBS}/${job.id}/${verb}`);
      showChanged(changed);
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return { busy, act };
}

function Open({ job, asking, onAsk }: { job: JobDetail; asking: Asking; onAsk: (asking: Asking) => void }) {
  const t = useT();
  const { busy, act } = useAct(job);
  if (job.cancel_requested) return null;
  return (
    <>
      <Button
        variant="danger"
        icon={<Ban />}
        onClick={() => {
          onAsk("cancel");
        }}
      >
        {t("job.cancel")}
      </Button>
      <ConfirmDialog
        open={asking === "cancel"}
        onClose={() => {
          onAsk(null);
        }}
        onConfirm={() =>
          void act("cancel").then(() => {
            onAsk(null);
          })
        }
        busy={busy}
        title={t("job.cancel.title")}
        text={t("job.cancel.text")}
        confirmLabel={t("job.cancel.confirm")}
      />
    </>
  );
}

function Ended({ job, onAsk }: { job: JobDetail; onAsk: (asking: Asking) => void }) {
  const t = useT();
  const admin = useIsAdmin();
  const { busy, act } = useAct(job);
  if (job.parent_id) return job.state === "succeeded" ? null : <ButtonLink to={jobPath(job.parent_id)}>{t("job.to_parent")}</ButtonLink>;
  const failed = job.state !== "succeeded";
  const entries: MenuEntry[] = [];
  if (failed) {
    entries.push({
      id: "redrive",
      label: t("job.redrive.look"),
      icon: <ScanSearch />,
      onSelect: () => {
        onAsk("redrive");
      },
    });
  }
  if (admin) {
    entries.push({
      id: "replay",
      label: t("job.replay"),
      icon: <CopyPlus />,
      onSelect: () => {
        onAsk("replay");
      },
    });
  }
  return (
    <div className={styles["acts"]}>
      {failed && inDoubt(job).length === 0 && (
        <Tooltip label={t("job.retry.hint")}>
          <Button variant="primary" busy={busy} icon={<RotateCw />} onClick={() => void act("retry")}>
            {t("job.retry")}
          </Button>
        </Tooltip>
      )}
      {entries.length > 0 && (
        <Menu trigger={<IconButton variant="secondary" label={t("job.more")} icon={<Ellipsis />} />} entries={entries} />
      )}
    </div>
  );
}

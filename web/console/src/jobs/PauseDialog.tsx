/** Asks before a queue is held, and for the reason that everybody will read. */

import { useState } from "react";
import { api, isProblem } from "../api/client";
import { ConfirmDialog, Field, TextInput, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { QUEUES } from "./lists";
import { queueName } from "./names";
import type { Queue } from "./shapes";

const LONGEST = 300;

export function PauseDialog({ queue, again, onClose }: { queue: Queue; again: () => Promise<unknown>; onClose: () => void }) {
  const t = useT();
  const explain = useExplain();
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const pause = async (): Promise<void> => {
    if (reason.trim() === "") {
      setWrong(t("queues.pause.reason.missing"));
      return;
    }
    setBusy(true);
    try {
      await api.post(`${QUEUES}/${encodeURIComponent(queue.name)}/pause`, { reason: reason.trim() });
      await again();
      onClose();
    } catch (error) {
      const fault = isProblem(error) ? error.byField()["reason"] : undefined;
      if (fault) setWrong(fault);
      else toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={() => void pause()}
      busy={busy}
      title={t("queues.pause.title", { name: queueName(t, queue.name) })}
      text={t("queues.pause.text")}
      confirmLabel={t("queues.pause.confirm")}
    >
      <Field label={t("queues.pause.reason")} hint={t("queues.pause.reason.hint")} error={wrong}>
        <TextInput
          value={reason}
          maxLength={LONGEST}
          onValue={(next) => {
            setReason(next);
            setWrong(null);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing) void pause();
          }}
        />
      </Field>
    </ConfirmDialog>
  );
}

/** Tries ended jobs again, one or many: first what that would mean for each, then the yes. */

import { RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../api/client";
import { Button, Dialog, ErrorState, Loading, Skeleton, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { RedriveItemRow } from "./RedriveItemRow";
import styles from "./redrive.module.css";
import type { Redriven, RedriveFilter } from "./shapes";

export interface RedriveDialogProps {
  which: RedriveFilter;
  onClose: () => void;
  onDone?: () => void;
}

const ASK = "/jobs/redrive";

export function RedriveDialog({ which, onClose, onDone }: RedriveDialogProps) {
  const t = useT();
  const explain = useExplain();
  const [looked, setLooked] = useState<Redriven | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let left = false;
    setProblem(null);
    api.post<Redriven>(ASK, { ...which, dry_run: true }).then(
      (found) => {
        if (!left) setLooked(found);
      },
      (error: unknown) => {
        if (!left) setProblem(error);
      },
    );
    return () => {
      left = true;
    };
    // One look for each opening and each further try; what is asked for does not change meanwhile.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [round]);

  const ready = looked?.items.filter(({ verdict }) => verdict !== "refused" && verdict !== "in_doubt") ?? [];
  const go = async (): Promise<void> => {
    setBusy(true);
    try {
      // Those that were shown and no others, whatever joined them since.
      const ids = ready.map(({ id }) => id);
      const scope = which.scope ? { scope: which.scope } : {};
      const done = await api.post<Redriven>(ASK, { ids, ...scope, dry_run: false });
      toast({ tone: done.refused > 0 ? "grey" : "green", title: t(done.redriven === 1 ? "redrive.done_one" : "redrive.done", { n: done.redriven }) });
      onDone?.();
      onClose();
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t("redrive.title")}
      text={t("redrive.text")}
      footer={
        <>
          <Button onClick={onClose}>{t("design.keep")}</Button>
          <Button variant="primary" icon={<RotateCw />} busy={busy} disabled={ready.length === 0} onClick={() => void go()}>
            {t(ready.length === 1 ? "redrive.yes_one" : "redrive.yes", { n: ready.length })}
          </Button>
        </>
      }
    >
      {problem ? (
        <ErrorState
          problem={problem}
          retry={() => {
            setRound(round + 1);
          }}
        />
      ) : looked ? (
        <Looked looked={looked} />
      ) : (
        <Loading>
          <div className={styles["waits"]}>
            <Skeleton height={64} radius={6} />
            <Skeleton height={64} radius={6} />
          </div>
        </Loading>
      )}
    </Dialog>
  );
}

function Looked({ looked }: { looked: Redriven }) {
  const t = useT();
  if (looked.items.length === 0) return <p>{t("redrive.none")}</p>;
  return (
    <>
      <ul className={styles["items"]}>
        {looked.items.map((item) => (
          <RedriveItemRow key={item.id} item={item} />
        ))}
      </ul>
      {looked.more && <p className={styles["more"]}>{t("redrive.more", { n: looked.items.length })}</p>}
    </>
  );
}

/** Outside effects that nobody knows the fate of: a person looks there and says which, one click each. */

import { CircleHelp } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../api/client";
import { Button, Card, toast, useExplain } from "../design";
import { useT } from "../i18n";
import styles from "./doubts.module.css";
import { EffectFacts } from "./EffectItem";
import { JOBS } from "./lists";
import { showChanged } from "./live";
import { jobName, jobPath, stepName } from "./names";
import type { ChangedJob, Effect } from "./shapes";

export interface Doubt extends Effect {
  job_id: string;
  job_type?: string;
}

export function Doubts({ effects, onSaid }: { effects: readonly Doubt[]; onSaid: () => void }) {
  const t = useT();
  return (
    <Card
      className={styles["doubts"]}
      title={
        <span className={styles["title"]}>
          <CircleHelp aria-hidden="true" /> {t("job.doubt.title")}
        </span>
      }
    >
      <p className={styles["text"]}>{t("job.doubt.text")}</p>
      <ul>
        {effects.map((effect) => (
          <DoubtItem key={effect.key} effect={effect} onSaid={onSaid} />
        ))}
      </ul>
    </Card>
  );
}

function DoubtItem({ effect, onSaid }: { effect: Doubt; onSaid: () => void }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState<boolean | null>(null);
  const say = async (happened: boolean): Promise<void> => {
    setBusy(happened);
    try {
      const path = `${JOBS}/${effect.job_id}/effects/${encodeURIComponent(effect.name)}/reconcile`;
      const { job } = await api.post<ChangedJob>(path, { happened });
      showChanged(job);
      onSaid();
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(null);
    }
  };
  return (
    <li className={styles["doubt"]}>
      <p className={styles["name"]}>
        {stepName(t, effect.name)}
        {effect.job_type && <Link to={jobPath(effect.job_id)}>{jobName(t, effect.job_type)}</Link>}
      </p>
      <EffectFacts effect={effect} />
      <div className={styles["answers"]}>
        <Button
          busy={busy === true}
          disabled={busy === false}
          onClick={() => void say(true)}
        >
          {t("job.doubt.happened")}
        </Button>
        <Button
          busy={busy === false}
          disabled={busy === true}
          onClick={() => void say(false)}
        >
          {t("job.doubt.not")}
        </Button>
        <span className={styles["hint"]}>{t("job.doubt.hint")}</span>
      </div>
    </li>
  );
}

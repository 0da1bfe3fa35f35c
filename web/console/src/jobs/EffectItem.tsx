/** Something a job did outside of the platform: how sure we are of it, under which key, what came back. */

import { Badge, Time } from "../design";
import type { Tone } from "../design";
import { useT } from "../i18n";
import { CopyButton } from "./CopyButton";
import styles from "./effect.module.css";
import { JsonBlock } from "./JsonBlock";
import type { Effect } from "./shapes";
import { effectNote } from "./words";

const TONES: Record<Effect["state"], Tone> = { planned: "grey", sent: "blue", confirmed: "green", unknown: "amber" };

export function EffectItem({ effect }: { effect: Effect }) {
  const t = useT();
  return (
    <details className={styles["effect"]} data-effect={effect.state}>
      <summary>
        <span className={styles["kind"]}>{t("job.effect")}</span>
        <Badge tone={TONES[effect.state]} dot>
          {t(`job.effect.${effect.state}`)}
        </Badge>
        <span className={styles["mode"]}>{t(`job.mode.${effect.mode}`)}</span>
      </summary>
      <EffectFacts effect={effect} />
    </details>
  );
}

export function EffectFacts({ effect }: { effect: Effect }) {
  const t = useT();
  const moments = [
    ["planned", effect.planned_at],
    ["sent", effect.sent_at],
    [effect.state === "unknown" ? "unknown" : "confirmed", effect.settled_at],
  ] as const;
  return (
    <div className={styles["facts"]}>
      <p className={styles["modeText"]}>{t(`job.mode_text.${effect.mode}`)}</p>
      <dl>
        <div>
          <dt>{t("job.effect.key")}</dt>
          <dd className={styles["key"]}>
            <code>{effect.key}</code>
            <CopyButton text={effect.key} label={t("job.copy.key")} />
          </dd>
        </div>
        {moments.map(
          ([state, at]) =>
            at && (
              <div key={state}>
                <dt>{t(`job.effect.${state}`)}</dt>
                <dd>
                  <Time when={at} as="clock" />
                </dd>
              </div>
            ),
        )}
        {effect.error && (
          <div>
            <dt>{t("job.effect.last_error")}</dt>
            <LastError detail={effect.error.detail} />
          </div>
        )}
      </dl>
      {effect.state === "confirmed" && effect.result !== null && (
        <div className={styles["answer"]}>
          <p>{t("job.effect.answer")}</p>
          <JsonBlock value={effect.result} label={t("job.effect.answer")} />
        </div>
      )}
    </div>
  );
}

function LastError({ detail }: { detail: string }) {
  const t = useT();
  const note = effectNote(t, detail);
  return note ? <dd>{note}</dd> : <dd lang="en">{detail}</dd>;
}

/** One queue with its figures, parts of jobs included; its name leads to its jobs. */

import { CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api, keyOf } from "../api/client";
import { Badge, Button, Card, toast, useExplain } from "../design";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import { DEAD_LIST, JOBS, QUEUES } from "./lists";
import { queueName } from "./names";
import { PauseDialog } from "./PauseDialog";
import styles from "./queues.module.css";
import type { JobState, Queue } from "./shapes";

const SHOWN = ["queued", "running", "waiting_callback", "retrying", "deferred"] as const satisfies readonly JobState[];

export interface QueueCardProps {
  queue: Queue;
  admin: boolean;
  everybody: boolean;
  again: () => Promise<unknown>;
}

export function QueueCard({ queue, admin, everybody, again }: QueueCardProps) {
  const t = useT();
  const format = useFormat();
  const name = queueName(t, queue.name);
  return (
    <li data-queue={queue.name}>
      <Card
        title={
          <span className={styles["title"]}>
            <Link to={keyOf(JOBS, { queue: queue.name, scope: everybody ? "all" : null })}>{name}</Link>
            {name !== queue.name && <code>{queue.name}</code>}
            {queue.paused && (
              <Badge tone="amber" icon={<CirclePause aria-hidden="true" />}>
                {t("queues.paused")}
              </Badge>
            )}
          </span>
        }
        actions={admin && <Switch queue={queue} again={again} />}
      >
        {queue.paused && (
          <p className={styles["reason"]}>
            {queue.paused_reason || t("queues.paused.text")}
            {queue.paused_at && <span> · {format.dateTime(queue.paused_at)}</span>}
          </p>
        )}
        <dl className={styles["figures"]}>
          {SHOWN.map((state) => (
            <Figure key={state} name={`queues.${state}`} value={queue.counts[state] ?? 0} />
          ))}
          <Figure name="queues.parked" value={queue.parked} />
          <Figure name="queues.dead" to={`#${DEAD_LIST}`} value={queue.dead} />
          <div>
            <dt>{t("queues.oldest")}</dt>
            <dd>{queue.oldest_seconds === null ? "–" : format.duration(queue.oldest_seconds * 1000)}</dd>
          </div>
        </dl>
      </Card>
    </li>
  );
}

function Figure({ name, value, to }: { name: Key; value: number; to?: string }) {
  const t = useT();
  const format = useFormat();
  const shown = format.number(value);
  return (
    <div data-bad={(to !== undefined && value > 0) || undefined} data-none={value === 0 || undefined}>
      <dt>{t(name)}</dt>
      <dd>
        {to && value > 0 ? (
          <a href={to} aria-label={`${t(name)}: ${shown}`}>
            {shown}
          </a>
        ) : (
          shown
        )}
      </dd>
    </div>
  );
}

function Switch({ queue, again }: { queue: Queue; again: () => Promise<unknown> }) {
  const t = useT();
  const explain = useExplain();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const resume = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.post(`${QUEUES}/${encodeURIComponent(queue.name)}/resume`);
      await again();
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  if (queue.paused) {
    return (
      <Button size="sm" variant="primary" busy={busy} icon={<CirclePlay />} onClick={() => void resume()}>
        {t("queues.resume")}
      </Button>
    );
  }
  return (
    <>
      <Button
        size="sm"
        icon={<CirclePause />}
        onClick={() => {
          setAsking(true);
        }}
      >
        {t("queues.pause")}
      </Button>
      {asking && (
        <PauseDialog
          queue={queue}
          again={again}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

/** What happened, in order: created, each attempt with its steps, what comes next or how it ended. */

import { CircleDot, Flag, Hourglass, X } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button, Time } from "../design";
import { useFormat, useT } from "../i18n";
import { AttemptItem } from "./AttemptItem";
import { isFinal } from "./details";
import { doingNow } from "./names";
import type { JobDetail } from "./shapes";
import type { Tone } from "./timeline";
import { runsOf } from "./timeline";
import styles from "./timeline.module.css";

const FIRST = 1;
const LAST = 5;

export function JobTimeline({ job }: { job: JobDetail }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  const runs = runsOf(job);
  const folded = whole ? 0 : Math.max(0, runs.length - FIRST - LAST);
  const shown = folded > 1 ? [...runs.slice(0, FIRST), ...runs.slice(-LAST)] : runs;
  return (
    <ol className={styles["timeline"]}>
      <Moment icon={<CircleDot />} tone="open" name={t("job.created")} at={job.created_at} />
      {shown.map((run, place) => [
        folded > 1 && place === FIRST && (
          <li key="folded" className={styles["folded"]}>
            <Button
              size="sm"
              variant="ghost"
              onClick={() => {
                setWhole(true);
              }}
            >
              {t("job.attempts.more", { n: folded })}
            </Button>
          </li>
        ),
        <AttemptItem key={run.attempt} run={run} job={job} />,
      ])}
      <Ahead job={job} />
    </ol>
  );
}

/** The end, or what the job waits for. */
function Ahead({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  if (isFinal(job.state)) {
    const good = job.state === "succeeded";
    const tone = good ? "done" : job.state === "cancelled" ? "open" : "bad";
    return (
      <Moment icon={good ? <Flag /> : <X />} tone={tone} name={t("job.ended", { state: t(`job.state.${job.state}`) })} at={job.finished_at} />
    );
  }
  if (job.state === "running") return null;
  const next = job.next_attempt_at;
  const name =
    job.state === "waiting_callback"
      ? job.children_total > 0
        ? t("job.ahead.parts", { open: job.children_open })
        : t("job.ahead.callback", { deadline: format.dateTime(job.deadline_at) })
      : next
        ? t("job.ahead.at", { n: job.attempts + 1, when: format.dateTime(next) })
        : job.waits_for_turn
          ? doingNow(t, job) || t("job.said.turn")
          : t("job.ahead.queued");
  return <Moment icon={<Hourglass />} tone="now" name={name} at={null} />;
}

interface MomentProps {
  icon: ReactNode;
  tone: Tone;
  name: string;
  at: string | null;
}

function Moment({ icon, tone, name, at }: MomentProps) {
  return (
    <li className={styles["moment"]} data-tone={tone}>
      <span className={styles["sign"]} aria-hidden="true">
        {icon}
      </span>
      <div className={styles["line"]}>
        <span className={styles["what"]}>{name}</span>
        {at && (
          <span className={styles["at"]}>
            <Time when={at} as="clock" />
          </span>
        )}
      </div>
    </li>
  );
}

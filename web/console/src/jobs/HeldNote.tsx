/** Says that a job waits because its queue is held, once it has waited longer than a job does by itself. */

import { CirclePause } from "lucide-react";
import useSWR from "swr";
import { useNow } from "../design";
import { useT } from "../i18n";
import styles from "./job.module.css";
import { QUEUES } from "./lists";
import { queueName } from "./names";
import type { JobDetail, Queues } from "./shapes";

const USUAL_MS = 10_000;

export function HeldNote({ job }: { job: JobDetail }) {
  const t = useT();
  const waits = job.state === "queued" && !job.waits_for_turn;
  const now = useNow(waits ? 2_000 : null);
  const long = waits && now - Date.parse(job.ready_at) > USUAL_MS;
  const { data } = useSWR<Queues, unknown>(long ? QUEUES : null, { revalidateIfStale: true });
  const queue = long ? data?.items.find(({ name }) => name === job.queue) : undefined;
  if (!queue?.paused) return null;
  return (
    <p className={styles["held"]} role="status">
      <CirclePause aria-hidden="true" />
      <span>
        {t("job.held", { queue: queueName(t, job.queue) })} {queue.paused_reason}
      </span>
    </p>
  );
}

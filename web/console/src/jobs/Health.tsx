/** For an admin: whether the engine itself is well, check by check. */

import { CircleCheck, TriangleAlert } from "lucide-react";
import useSWR from "swr";
import { ErrorState, Loading, Skeleton } from "../design";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import { AsOf } from "./AsOf";
import styles from "./queues.module.css";
import type { JobsHealth } from "./shapes";

type Check = JobsHealth["checks"][number];

const SECONDS = new Set<string>(["oldest_queued"]);
const KNOWN = new Set<string>(["oldest_queued", "dead_jobs", "lost_leases", "unsettled", "paused_queues", "effects_unknown", "dead_letters"]);

export function Health() {
  const t = useT();
  const { data, error, mutate: again } = useSWR<JobsHealth, unknown>("/jobs/health", { revalidateIfStale: true });
  return (
    <section className={styles["section"]} aria-labelledby="jobs-health">
      <header>
        <h2 id="jobs-health">{t("health.title")}</h2>
        {data && <AsOf again={again} />}
      </header>
      {data ? (
        <ul className={styles["checks"]}>
          {data.checks.map((check) => (
            <CheckItem key={check.name} check={check} />
          ))}
        </ul>
      ) : error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <Loading>
          <Skeleton height={88} radius={10} />
        </Loading>
      )}
    </section>
  );
}

function CheckItem({ check: { name, ok, value, detail } }: { check: Check }) {
  const t = useT();
  const format = useFormat();
  const shown = value === null ? "–" : SECONDS.has(name) ? format.age(value * 1000) : format.number(value);
  return (
    <li data-ok={ok} title={detail}>
      {ok ? <CircleCheck aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
      <span>
        {KNOWN.has(name) ? t(`health.${name}` as Key) : name}
        <span className="visually-hidden">: {t(ok ? "health.ok" : "health.bad")}</span>
      </span>
      <b>{shown}</b>
    </li>
  );
}

import { Link } from "react-router";
import useSWR from "swr";
import { keyOf } from "../api/client";
import type { Jobs } from "../api/types";
import { Card, ErrorState, Loading, RelativeTime, Skeleton, StateBadge } from "../design";
import { useT } from "../i18n";
import { JOBS } from "../jobs/lists";
import { jobName } from "../jobs/names";
import styles from "./home.module.css";

const SHOWN = 5;

export function LatestJobs() {
  const t = useT();
  const { data, error, mutate } = useSWR<Jobs, unknown>(keyOf(JOBS, { limit: 50 }));
  return (
    <Card title={t("home.recent")} actions={<Link to={JOBS}>{t("home.all_jobs")}</Link>} bare>
      {data ? (
        <>
          {data.items.length === 0 && <p className={styles["none"]}>{t("home.recent.none")}</p>}
          <ul>
            {data.items.slice(0, SHOWN).map((job) => (
              <li key={job.id} className={styles["item"]}>
                <div className={styles["itemHead"]}>
                  <Link className={styles["open"]} to={`${JOBS}/${job.id}`}>
                    {jobName(t, job.type)}
                  </Link>
                  <span className={styles["theme"]}>
                    <RelativeTime when={job.created_at} />
                  </span>
                  <StateBadge kind="job" state={job.state} />
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : error ? (
        <ErrorState problem={error} retry={() => void mutate()} />
      ) : (
        <Loading>
          <div className={styles["waits"]}>
            <Skeleton width="55%" />
            <Skeleton width="45%" />
            <Skeleton width="50%" />
          </div>
        </Loading>
      )}
    </Card>
  );
}

/** The queues: how deep, how old, paused or not; what was given up, and what needs a person's word. */

import { Layers } from "lucide-react";
import { useSearchParams } from "react-router";
import useSWR from "swr";
import { keyOf } from "../api/client";
import { EmptyState, ErrorState, Loading, Page, Skeleton } from "../design";
import { useT } from "../i18n";
import { AsOf } from "./AsOf";
import { DeadList } from "./DeadList";
import { DoubtList } from "./DoubtList";
import { Health } from "./Health";
import { JobsTabs } from "./JobsTabs";
import { QUEUES } from "./lists";
import { UPKEEP_QUEUE } from "./names";
import { QueueCard } from "./QueueCard";
import styles from "./queues.module.css";
import { ScopeToggle, useIsAdmin } from "./ScopeToggle";
import type { Queue, Queues } from "./shapes";
import { useSettled } from "./use_settled";

export default function QueuesPage() {
  const t = useT();
  const admin = useIsAdmin();
  const [params, setParams] = useSearchParams();
  const everybody = admin && params.get("scope") === "all";
  const scope = everybody ? "all" : null;
  const { data, error, mutate: again } = useSWR<Queues, unknown>(keyOf(QUEUES, { scope }), { revalidateIfStale: true });
  useSettled(again);
  const shown = data?.items.filter((queue) => everybody || !isUpkeep(queue)) ?? [];
  return (
    <Page title={t("jobs.title")} name={t("queues.title")} text={t("queues.text")} actions={<JobsTabs everybody={everybody} />}>
      <div className={styles["tools"]}>
        {admin && (
          <ScopeToggle
            everybody={everybody}
            onEverybody={(all) => {
              setParams(all ? { scope: "all" } : {}, { replace: true });
            }}
          />
        )}
        {data && <AsOf again={again} text={everybody ? t("jobs.everybody.text") : t("queues.own")} />}
      </div>
      {data ? (
        shown.length > 0 ? (
          <ul className={styles["queues"]}>
            {shown.map((queue) => (
              <QueueCard key={queue.name} queue={queue} admin={admin} everybody={everybody} again={again} />
            ))}
          </ul>
        ) : (
          <EmptyState icon={<Layers />} title={t("queues.empty.title")} text={t("queues.empty.text")} />
        )
      ) : error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <Loading>
          <div className={styles["queues"]}>
            <Skeleton height={132} radius={10} />
            <Skeleton height={132} radius={10} />
          </div>
        </Loading>
      )}
      {data && (
        <>
          <DoubtList everybody={everybody} again={again} />
          <DeadList dead={data.items.reduce((sum, { dead }) => sum + dead, 0)} everybody={everybody} again={again} />
          {everybody && <Health />}
        </>
      )}
    </Page>
  );
}

/** The suite's own queue says nothing to somebody who has no job there. */
function isUpkeep({ name, paused, counts, dead }: Queue): boolean {
  return name === UPKEEP_QUEUE && !paused && dead === 0 && Object.values(counts).every((n) => n === 0);
}

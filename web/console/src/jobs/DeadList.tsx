/** What failed at every attempt and was put aside; it goes on when somebody says so. */

import { RotateCw } from "lucide-react";
import { useState } from "react";
import useSWR from "swr";
import { keyOf } from "../api/client";
import { Button, ErrorState } from "../design";
import { useT } from "../i18n";
import { JobsSkeleton } from "./JobsSkeleton";
import { JobTable } from "./JobTable";
import { JOBS } from "./lists";
import styles from "./queues.module.css";
import { RedriveDialog } from "./RedriveDialog";
import type { Jobs } from "./shapes";

const PAGE = 25;

export function DeadList({ everybody, again: recount }: { everybody: boolean; again: () => Promise<unknown> }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const scope = everybody ? ("all" as const) : undefined;
  const key = keyOf(JOBS, { state: "dead", scope, limit: PAGE });
  const { data, error, mutate: again } = useSWR<Jobs, unknown>(key, { revalidateIfStale: everybody });
  return (
    <section className={styles["section"]} aria-labelledby="dead-jobs">
      <header>
        <div>
          <h2 id="dead-jobs">{t("dead.title")}</h2>
          <p>{t("dead.text")}</p>
        </div>
        {data && data.items.length > 0 && (
          <Button
            icon={<RotateCw />}
            onClick={() => {
              setAsking(true);
            }}
          >
            {t("dead.redrive_all")}
          </Button>
        )}
      </header>
      {data ? (
        data.items.length > 0 ? (
          <JobTable label={t("dead.title")} list={data} listKey={key} everybody={everybody} />
        ) : (
          <p className={styles["none"]}>{t("dead.none")}</p>
        )
      ) : error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <JobsSkeleton />
      )}
      {asking && (
        <RedriveDialog
          which={{ states: ["dead"], ...(scope ? { scope } : {}) }}
          onClose={() => {
            setAsking(false);
          }}
          onDone={() => {
            void again();
            void recount();
          }}
        />
      )}
    </section>
  );
}

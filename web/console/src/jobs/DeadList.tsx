/** What failed at every attempt and was put aside; it goes on when somebody says so. */

import { RotateCw } from "lucide-react";
import { useState } from "react";
import useSWR from "swr";
import { keyOf } from "../api/client";
import { Button, ErrorState } from "../design";
import { useT } from "../i18n";
import { JobsSkeleton } from "./JobsSkeleton";
import { JobTable } from "./JobTable";
import { DEAD_LIST, JOBS } from "./lists";
import styles from "./queues.module.css";
import { RedriveDialog } from "./RedriveDialog";
import type { Jobs } from "./shapes";

const PAGE = 25;

export interface DeadListProps {
  /** How many were given up, parts of jobs included, which have no row of their own. */
  dead: number;
  everybody: boolean;
  again: () => Promise<unknown>;
}

export function DeadList({ dead, everybody, again: recount }: DeadListProps) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const scope = everybody ? ("all" as const) : undefined;
  const key = keyOf(JOBS, { state: "dead", scope, limit: PAGE });
  const { data, error, mutate: again } = useSWR<Jobs, unknown>(key, { revalidateIfStale: everybody });
  const parts = data && data.next_cursor === null ? Math.max(0, dead - data.items.length) : 0;
  return (
    <section className={styles["section"]} aria-labelledby={DEAD_LIST}>
      <header>
        <div>
          <h2 id={DEAD_LIST}>{t("dead.title")}</h2>
          <p>{t("dead.text")}</p>
        </div>
        {data && data.items.length + parts > 0 && (
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
          parts === 0 && <p className={styles["none"]}>{t("dead.none")}</p>
        )
      ) : error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <JobsSkeleton />
      )}
      {parts > 0 && <p className={styles["parts"]}>{t(parts === 1 ? "dead.parts_one" : "dead.parts", { n: parts })}</p>}
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

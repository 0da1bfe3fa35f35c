/** All jobs: which state each is in, how old, how often tried, what it cost. Rows change by themselves. */

import { ListChecks, RotateCw, SearchX } from "lucide-react";
import { useState } from "react";
import useSWR from "swr";
import { Button, EmptyState, ErrorState, Page, cx } from "../design";
import { useT } from "../i18n";
import { AsOf } from "./AsOf";
import styles from "./jobs.module.css";
import { JobsSkeleton } from "./JobsSkeleton";
import { JobsTabs } from "./JobsTabs";
import { JobTable } from "./JobTable";
import { RedriveDialog } from "./RedriveDialog";
import { useIsAdmin } from "./ScopeToggle";
import type { Jobs, RedriveState } from "./shapes";
import { Tools } from "./Tools";
import type { Filters } from "./use_filters";
import { useFilters } from "./use_filters";

export default function JobsPage() {
  const t = useT();
  const admin = useIsAdmin();
  const filters = useFilters(admin);
  const { data, error, isLoading, mutate: again } = useSWR<Jobs, unknown>(filters.key, {
    keepPreviousData: true,
    // What the socket can't keep true is read anew when one comes back to it.
    revalidateIfStale: filters.everybody || filters.q !== "",
  });
  return (
    <Page title={t("jobs.title")} text={t("jobs.text")} actions={<JobsTabs everybody={filters.everybody} />}>
      <Tools filters={filters} admin={admin} counts={data?.counts} />
      {filters.everybody && data && <AsOf again={again} text={t("jobs.everybody.text")} />}
      {error && !isLoading ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : data ? (
        // The rows of before stay, dimmed, until those of the new filter are here.
        <div className={cx(isLoading && styles["stale"])} aria-busy={isLoading || undefined}>
          <Listed list={data} filters={filters} waits={isLoading} />
        </div>
      ) : (
        <JobsSkeleton />
      )}
    </Page>
  );
}

function Listed({ list, filters, waits }: { list: Jobs; filters: Filters; waits: boolean }) {
  const t = useT();
  if (list.items.length === 0) {
    if (!filters.narrowed) {
      return <EmptyState icon={<ListChecks />} title={t("jobs.empty.title")} text={t("jobs.empty.text")} />;
    }
    const clear = <Button onClick={filters.clear}>{t("jobs.none.clear")}</Button>;
    return <EmptyState icon={<SearchX />} title={t("jobs.none.title")} text={t("jobs.none.text")} action={clear} />;
  }
  const shown = waits ? { ...list, next_cursor: null } : list;
  return (
    <>
      <RetryThese filters={filters} />
      <JobTable label={t("jobs.title")} list={shown} listKey={filters.key} everybody={filters.everybody} />
    </>
  );
}

const TRIED_AGAIN = ["failed", "dead", "expired", "cancelled"] as const satisfies readonly RedriveState[];

/** All that the filter shows, when it shows what can be tried again. What a search found only it knows. */
function RetryThese({ filters }: { filters: Filters }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const state = TRIED_AGAIN.find((one) => one === filters.state);
  if (!state || filters.q !== "") return null;
  const { type, queue, everybody } = filters;
  const which = { states: [state], scope: everybody ? ("all" as const) : ("own" as const), ...(type ? { type } : {}), ...(queue ? { queue } : {}) };
  return (
    <div className={styles["these"]}>
      <Button
        size="sm"
        icon={<RotateCw />}
        onClick={() => {
          setAsking(true);
        }}
      >
        {t("jobs.retry_these")}
      </Button>
      {asking && (
        <RedriveDialog
          which={which}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </div>
  );
}

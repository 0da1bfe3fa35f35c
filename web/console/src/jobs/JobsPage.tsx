/** All jobs: which state each is in, how old, how often tried, what it cost. Rows change by themselves. */

import { ListChecks, SearchX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useSearchParams } from "react-router";
import useSWR, { mutate } from "swr";
import { api, keyOf } from "../api/client";
import type { Job, Jobs } from "../api/types";
import { Button, DataTable, EmptyState, ErrorState, Page, SearchInput, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { useColumns } from "./columns";
import styles from "./jobs.module.css";
import { JobsSkeleton } from "./JobsSkeleton";
import { JOBS } from "./lists";
import { jobName, stepNow } from "./names";
import { StateFilter, STATES } from "./StateFilter";

const PAGE = 50;

export default function JobsPage() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state")) ?? null;
  const text = params.get("q") ?? "";
  const key = keyOf(JOBS, { state, limit: PAGE });
  const { data, error, mutate: again } = useSWR<Jobs, unknown>(key);

  const set = (name: string, value: string | null): void => {
    setParams(
      (now) => {
        if (value) now.set(name, value);
        else now.delete(name);
        return now;
      },
      { replace: true },
    );
  };
  return (
    <Page title={t("jobs.title")} text={t("jobs.text")}>
      <div className={styles["tools"]}>
        <StateFilter
          counts={data?.counts}
          value={state}
          onValue={(next) => {
            set("state", next);
          }}
        />
        <div className={styles["search"]} title={t("jobs.search.hint")}>
          <SearchInput
            label={t("jobs.search")}
            value={text}
            onValue={(next) => {
              set("q", next);
            }}
          />
        </div>
      </div>
      {data ? (
        <Listed
          list={data}
          listKey={key}
          text={text}
          filtered={state !== null}
          onClear={() => {
            setParams({}, { replace: true });
          }}
        />
      ) : error ? (
        <ErrorState problem={error} retry={() => void again()} />
      ) : (
        <JobsSkeleton />
      )}
    </Page>
  );
}

interface ListedProps {
  list: Jobs;
  listKey: string;
  text: string;
  filtered: boolean;
  onClear: () => void;
}

function Listed({ list, listKey, text, filtered, onClear }: ListedProps) {
  const t = useT();
  const columns = useColumns();
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const words = (job: Job): string =>
    [job.id, job.subject?.id, job.type, jobName(t, job.type), stepNow(t, job), job.error?.code, job.error?.detail].join(" ").toLowerCase();
  const rows = wanted ? list.items.filter((job) => words(job).includes(wanted)) : list.items;

  if (rows.length === 0) {
    if (!filtered && !wanted) {
      return <EmptyState icon={<ListChecks />} title={t("jobs.empty.title")} text={t("jobs.empty.text")} />;
    }
    const clear = <Button onClick={onClear}>{t("jobs.none.clear")}</Button>;
    return <EmptyState icon={<SearchX />} title={t("jobs.none.title")} text={t("jobs.none.text")} action={clear} />;
  }
  return (
    <>
      <DataTable
        label={t("jobs.title")}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        href={({ id }) => `${JOBS}/${id}`}
        mark={({ state }) => state}
      />
      {list.next_cursor !== null && <More list={list} listKey={listKey} cursor={list.next_cursor} />}
    </>
  );
}

function More({ list, listKey, cursor }: { list: Jobs; listKey: string; cursor: string }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    try {
      const next = await api.get<Jobs>(`${listKey}&cursor=${encodeURIComponent(cursor)}`);
      const known = new Set(list.items.map(({ id }) => id));
      const more = next.items.filter(({ id }) => !known.has(id));
      await mutate<Jobs>(
        listKey,
        (now) => now && { ...now, items: [...now.items, ...more], next_cursor: next.next_cursor },
        { revalidate: false },
      );
    } catch (error) {
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles["more"]}>
      <Button busy={busy} onClick={() => void load()}>
        {t("jobs.more")}
      </Button>
    </div>
  );
}


/** All campaigns: what is being made, what waits for a yes, what is done. */

import { CalendarRange, Hourglass, SearchX } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import useSWR from "swr";
import { api, isProblem, keyOf } from "../api/client";
import type { CampaignRow, Campaigns } from "../api/types";
import {
  Button,
  DataTable,
  EmptyState,
  ErrorState,
  Loading,
  Page,
  Select,
  Skeleton,
  toast,
  useExplain,
} from "../design";
import { useFormat, useT } from "../i18n";
import { LaunchDialogSoon } from "./LaunchDialogSoon";
import { LaunchButton, PlannerTabs } from "./PlannerTabs";
import { columnsOf } from "./campaign_columns";
import { CAMPAIGNS } from "./keys";
import { mutateCached } from "../realtime/cache";
import { addMonths, isMonth, monthOf, today } from "./month";
import { paths } from "./paths";
import styles from "./planner.module.css";

const PAGE = 25;
const STATUSES = [
  "review_ready",
  "changes_requested",
  "in_progress",
  "waiting_callback",
  "pending",
  "approved",
  "completed",
  "failed",
  "cancelled",
] as const;

export default function CampaignsPage() {
  const t = useT();
  const [launching, setLaunching] = useState(false);
  const launch = () => {
    setLaunching(true);
  };
  return (
    <Page title={t("planner.title")} actions={<LaunchButton onClick={launch} />}>
      <List onLaunch={launch} />
      {launching ? (
        <LaunchDialogSoon
          onClose={() => {
            setLaunching(false);
          }}
        />
      ) : null}
    </Page>
  );
}

function List({ onLaunch }: { onLaunch: () => void }) {
  const t = useT();
  const [query, setQuery] = useSearchParams();
  const month = isMonth(query.get("month")) ? query.get("month") : null;
  const status = STATUSES.find((name) => name === query.get("status")) ?? null;
  const key = keyOf(CAMPAIGNS, { limit: PAGE, month, status });
  const { data, error, mutate } = useSWR<Campaigns, unknown>(key);
  const filter = (change: Record<string, string>) => {
    const next = Object.entries({ month, status, ...change }).filter((entry): entry is [string, string] => !!entry[1]);
    setQuery(Object.fromEntries(next), { replace: true });
  };
  const clear = () => {
    setQuery({}, { replace: true });
  };
  return (
    <>
      <div className={styles.filters}>
        <PlannerTabs />
        <span style={{ flex: 1 }} />
        <Filters month={month} status={status} onChange={filter} />
      </div>
      {data && !status ? (
        <Waiting
          rows={data.items}
          onShow={() => {
            filter({ status: "review_ready" });
          }}
        />
      ) : null}
      {data ? (
        <Rows list={data} filterKey={key} isFiltered={!!month || !!status} onClear={clear} onLaunch={onLaunch} />
      ) : error ? (
        <ErrorState problem={error} retry={() => void mutate()} />
      ) : (
        <Skeletons />
      )}
      <span className="visually-hidden" role="status">
        {data ? t("planner.list.label") : ""}
      </span>
    </>
  );
}

function Filters(props: { month: string | null; status: string | null; onChange: (change: Record<string, string>) => void }) {
  const { month, status, onChange } = props;
  const t = useT();
  const format = useFormat();
  const now = monthOf(today(format.zone));
  const near = Array.from({ length: 16 }, (_, at) => addMonths(now, 3 - at)).sort();
  const months = month && !near.includes(month) ? [month, ...near] : near;
  return (
    <>
      <Select
        size="sm"
        label={t("planner.filter.month")}
        value={month ?? ""}
        options={[
          { value: "", label: t("planner.filter.any_month") },
          ...months.map((value) => ({ value, label: format.month(value) })),
        ]}
        onValue={(value) => {
          onChange({ month: value });
        }}
      />
      <Select
        size="sm"
        label={t("planner.filter.status")}
        value={status ?? ""}
        options={[
          { value: "", label: t("planner.filter.any_status") },
          ...STATUSES.map((value) => ({ value, label: t(`planner.status.${value}`) })),
        ]}
        onValue={(value) => {
          onChange({ status: value });
        }}
      />
    </>
  );
}

function Waiting({ rows, onShow }: { rows: CampaignRow[]; onShow: () => void }) {
  const t = useT();
  const waiting = rows.filter((row) => row.status === "review_ready").length;
  if (waiting === 0) return null;
  return (
    <div className={styles.waiting} role="status">
      <Hourglass size={16} aria-hidden />
      <span>{waiting === 1 ? t("planner.waiting_one") : t("planner.waiting_many", { n: waiting })}</span>
      <Button size="sm" onClick={onShow}>
        {t("planner.waiting.show")}
      </Button>
    </div>
  );
}

interface RowsProps {
  list: Campaigns;
  filterKey: string;
  isFiltered: boolean;
  onClear: () => void;
  onLaunch: () => void;
}

function Rows({ list, filterKey, isFiltered, onClear, onLaunch }: RowsProps) {
  const t = useT();
  const format = useFormat();
  if (list.items.length === 0) {
    if (isFiltered) {
      const action = <Button onClick={onClear}>{t("planner.list.clear")}</Button>;
      return <EmptyState icon={<SearchX />} title={t("planner.list.none.title")} text={t("planner.list.none.text")} action={action} />;
    }
    const action = <LaunchButton onClick={onLaunch} />;
    return <EmptyState icon={<CalendarRange />} title={t("planner.list.empty.title")} text={t("planner.list.empty.text")} action={action} />;
  }
  return (
    <>
      <DataTable
        label={t("planner.list.label")}
        columns={columnsOf(t, format)}
        rows={list.items}
        rowKey={(row) => row.id}
        href={(row) => paths.campaign(row.id)}
        mark={(row) => `${row.status} ${String(row.pieces_ready)}`}
      />
      {list.next_cursor ? <More list={list} filterKey={filterKey} /> : null}
    </>
  );
}

function More({ list, filterKey }: { list: Campaigns; filterKey: string }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    try {
      const page = await api.get<Campaigns>(`${filterKey}&cursor=${encodeURIComponent(list.next_cursor ?? "")}`);
      mutateCached<Campaigns>(filterKey, (now) => {
        const known = new Set(now.items.map(({ id }) => id));
        return { items: [...now.items, ...page.items.filter(({ id }) => !known.has(id))], next_cursor: page.next_cursor };
      });
    } catch (error) {
      if (!isProblem(error)) throw error;
      toast({ tone: "red", ...explain(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.more}>
      <Button busy={busy} onClick={() => void load()}>
        {t("planner.list.more")}
      </Button>
    </div>
  );
}

function Skeletons() {
  return (
    <Loading>
      <div className={styles.skeletons}>
        {[1, 2, 3, 4].map((row) => (
          <div key={row}>
            <Skeleton width="30%" />
            <Skeleton width={90} height={20} />
            <Skeleton width={110} />
          </div>
        ))}
      </div>
    </Loading>
  );
}

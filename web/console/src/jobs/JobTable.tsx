/** Rows of jobs, and the way to the next ones. */

import { useState } from "react";
import { api } from "../api/client";
import { Button, DataTable, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { mutateCached } from "../realtime/cache";
import { useColumns } from "./columns";
import styles from "./jobs.module.css";
import { withPage } from "./lists";
import { jobPath } from "./names";
import type { Job, Jobs } from "./shapes";

export interface JobTableProps {
  label: string;
  list: Jobs;
  listKey: string;
  everybody: boolean;
}

export function JobTable({ label, list, listKey, everybody }: JobTableProps) {
  const columns = useColumns(everybody);
  return (
    <>
      <DataTable<Job>
        label={label}
        columns={columns}
        rows={list.items}
        rowKey={({ id }) => id}
        href={({ id }) => jobPath(id)}
        mark={({ state }) => state}
      />
      {list.next_cursor !== null && <More listKey={listKey} cursor={list.next_cursor} />}
    </>
  );
}

function More({ listKey, cursor }: { listKey: string; cursor: string }) {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    try {
      const page = await api.get<Jobs>(`${listKey}&cursor=${encodeURIComponent(cursor)}`);
      mutateCached<Jobs>(listKey, (now) => withPage(now, page));
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

/** A month with its pieces on their days; they are moved by dragging or by their menu. */

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import useSWR from "swr";
import { keyOf } from "../api/client";
import type { Calendar, CalendarPiece } from "../api/types";
import { Button, ErrorState, IconButton, Loading, Page, Skeleton, useExplain } from "../design";
import { useFormat, useLanguage, useT } from "../i18n";
import { CalendarGrid } from "./CalendarGrid";
import { LaunchDialogSoon } from "./LaunchDialogSoon";
import { MoveDialog } from "./MoveDialog";
import { LaunchButton, PlannerTabs } from "./PlannerTabs";
import styles from "./calendar.module.css";
import { CALENDAR } from "./keys";
import { addMonths, isMonth, monthOf, today } from "./month";
import { inSentence } from "./names";
import planner from "./planner.module.css";
import { useMoving } from "./use_moving";
import type { Moving } from "./use_moving";
import { useWide } from "./use_wide";

export default function CalendarPage() {
  const t = useT();
  const { zone } = useFormat();
  const [query, setQuery] = useSearchParams();
  const [launching, setLaunching] = useState(false);
  const now = monthOf(today(zone));
  const given = query.get("month");
  const month = isMonth(given) ? given : now;
  const go = (to: string) => {
    setQuery(to === now ? {} : { month: to });
  };
  const launch = () => {
    setLaunching(true);
  };
  return (
    <Page title={t("planner.title")} actions={<LaunchButton onClick={launch} />}>
      <div className={planner.filters}>
        <PlannerTabs />
        <span style={{ flex: 1 }} />
        <MonthSwitch month={month} now={now} onGo={go} />
      </div>
      <Month key={month} month={month} onLaunch={launch} />
      {launching ? (
        <LaunchDialogSoon
          month={month}
          onClose={() => {
            setLaunching(false);
          }}
        />
      ) : null}
    </Page>
  );
}

function MonthSwitch({ month, now, onGo }: { month: string; now: string; onGo: (month: string) => void }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className={styles.switch}>
      <h2 aria-live="polite">{format.month(month)}</h2>
      <Button
        size="sm"
        disabled={month === now}
        onClick={() => {
          onGo(now);
        }}
      >
        {t("planner.calendar.today")}
      </Button>
      <IconButton
        size="sm"
        label={t("planner.calendar.previous")}
        icon={<ChevronLeft />}
        onClick={() => {
          onGo(addMonths(month, -1));
        }}
      />
      <IconButton
        size="sm"
        label={t("planner.calendar.next")}
        icon={<ChevronRight />}
        onClick={() => {
          onGo(addMonths(month, 1));
        }}
      />
    </div>
  );
}

function Month({ month, onLaunch }: { month: string; onLaunch: () => void }) {
  const t = useT();
  const format = useFormat();
  const [language] = useLanguage();
  const { data, error, mutate } = useSWR<Calendar, unknown>(keyOf(CALENDAR, { month }));
  const moving = useMoving(format.zone);
  const [choosing, setChoosing] = useState<CalendarPiece | null>(null);
  if (error && !data) return <ErrorState problem={error} retry={() => void mutate()} />;
  if (!data) {
    return (
      <Loading>
        <Skeleton height={560} radius={10} />
      </Loading>
    );
  }
  const isEmpty = data.items.length === 0;
  return (
    <>
      {isEmpty ? (
        <div className={styles.empty} role="status">
          <div>
            <h3>{t("planner.calendar.empty.title", { month: inSentence(format.month(month), language) })}</h3>
            <p>{t("planner.calendar.empty.text")}</p>
          </div>
          <Button onClick={onLaunch}>{t("planner.launch")}</Button>
        </div>
      ) : (
        <MoveNote moving={moving} />
      )}
      <CalendarGrid month={month} items={data.items} onMove={(piece, day) => void moving.move(piece, day)} onChoose={setChoosing} />
      {choosing ? (
        <MoveDialog
          piece={choosing}
          onClose={() => {
            setChoosing(null);
          }}
          onMove={(day) => {
            setChoosing(null);
            void moving.move(choosing, day);
          }}
        />
      ) : null}
    </>
  );
}

/** How to move pieces; after a move, what moved and the way back. */
function MoveNote({ moving }: { moving: Moving }) {
  const t = useT();
  const format = useFormat();
  const explain = useExplain();
  const wide = useWide();
  const { moved, problem } = moving;
  return (
    <p className={styles.note} role="status" data-tone={problem ? "red" : undefined}>
      {problem ? (
        `${t("planner.calendar.not_moved")}: ${problem.detail || explain(problem).text}`
      ) : moved ? (
        <>
          {t("planner.calendar.moved", { day: format.day(moved.to) })}
          <button type="button" onClick={() => void moving.undo()}>
            {t("planner.calendar.undo")}
          </button>
        </>
      ) : (
        t(wide ? "planner.calendar.hint" : "planner.calendar.hint.narrow")
      )}
    </p>
  );
}
